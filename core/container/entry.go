package container

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// An entry is a registration and what Freeze found out about it.
type entry struct {
	reg      di.Registration
	module   *Module
	provider string
	origin   *entry    // what it replaces, if it is an override
	deps     []dep     // set by Freeze
	place    int       // of a scoped one, among the slots of a scope; set by Freeze
	slot     slot      // of a singleton
	alone    [1]*entry // the entry itself, as the list of a need's entries

	withdrawn atomic.Pointer[BuildError] // nil unless nobody gets it any more; set under the mu of the singletons' owner
}

func newEntry(m *Module, provider string, reg di.Registration) *entry {
	e := &entry{reg: reg, module: m, provider: provider}
	e.alone[0] = e
	return e
}

// String returns the key and, if there is one, the module.
func (e *entry) String() string { return e.reg.Key.String() + inModule(e.module) }

// from says in errors who registered the entry.
func (e *entry) from() string {
	if e.provider == "" {
		return inModule(e.module)
	}
	return " (module " + strconv.Quote(e.module.name) + ", provider " + strconv.Quote(e.provider) + ")"
}

func inModule(m *Module) string {
	if m.isRoot() {
		return ""
	}
	return " (module " + strconv.Quote(m.name) + ")"
}

// value returns the value for scope s, which is nil outside one.
func (e *entry) value(ctx context.Context, s *Scope) (any, error) {
	if e.reg.Lifetime == di.SingletonLifetime {
		if v := e.slot.value.Load(); v != nil {
			return *v, nil
		}
		// What a singleton needs is resolved outside the scope that asked first.
		return e.module.c.singles.get(ctx, &e.slot, e, nil)
	}
	if gone := e.withdrawn.Load(); gone != nil {
		return nil, gone
	}
	switch e.reg.Lifetime {
	case di.ScopedLifetime:
		if s == nil {
			return nil, di.ErrScope.Wrap(nil, "di: resolve %v%s", e.reg.Key, e.from())
		}
		return s.value(ctx, e)
	default:
		if within(ctx, e, s) {
			return nil, cycleError(ctx, e, s)
		}
		c := &call{port: e.port(s), ctx: buildContext{ctx, e, s}}
		return e.build(&c.ctx, &c.port)
	}
}

func values(ctx context.Context, es []*entry, s *Scope) ([]any, error) {
	vs := make([]any, 0, len(es))
	for _, e := range es {
		v, err := e.value(ctx, s)
		switch {
		case err == nil:
			vs = append(vs, v)
		case e.withdrawn.Load() == nil:
			return nil, err
		}
	}
	return vs, nil
}

// A call is what one Build is given.
type call struct {
	port port
	ctx  buildContext
}

// port returns a resolver of the declared needs for one Build.
func (e *entry) port(s *Scope) port { return port{m: e.module, e: e, deps: e.deps, scope: s} }

// build calls Build with p, which is of no use afterwards. Panics are errors.
func (e *entry) build(ctx context.Context, p *port) (v any, err error) {
	defer p.over.Store(true)
	err = errs.Catch(func() (err error) {
		v, err = e.reg.Build(ctx, p)
		return err
	})
	if err == nil {
		err = e.check(v)
	}
	if err != nil {
		return nil, &BuildError{Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Err: err}
	}
	return v, nil
}

// check makes sure that v is a value of the key's type, and not nil.
func (e *entry) check(v any) error {
	t := reflect.TypeOf(v)
	if t == nil {
		return di.ErrType.Wrap(nil, "di: Build returned nil")
	}
	if !t.AssignableTo(e.reg.Key.Type) {
		return di.ErrType.Wrap(nil, "di: Build returned a %v", t)
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if reflect.ValueOf(v).IsNil() {
			return di.ErrType.Wrap(nil, "di: Build returned a nil %v", t)
		}
	}
	return nil
}

func sortByName(es []*entry) {
	slices.SortStableFunc(es, func(a, b *entry) int { return strings.Compare(a.reg.Key.Name, b.reg.Key.Name) })
}

// A BuildError says which service could not be built. It matches [di.Err] and
// everything that Err matches, whose kind it has.
type BuildError struct {
	Key      di.Key
	Module   string // "" for the application itself
	Provider string // "" if unknown
	Err      error  // what Build returned, or an errs.PanicError
}

// Error returns one line, such as
// `di: build *app.Orders (module "app"): dial tcp: connection refused`.
func (b *BuildError) Error() string {
	where := ""
	switch {
	case b.Provider != "":
		where = " (module " + strconv.Quote(b.Module) + ", provider " + strconv.Quote(b.Provider) + ")"
	case b.Module != "":
		where = " (module " + strconv.Quote(b.Module) + ")"
	}
	return "di: build " + b.Key.String() + where + ": " + strings.TrimPrefix(b.Err.Error(), "di: ")
}

// Unwrap returns the cause and [di.Err], in this order, so that the kind is the cause's.
func (b *BuildError) Unwrap() []error { return []error{b.Err, di.Err} }
