package container

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var (
	_ di.Container = (*Container)(nil)
	_ di.Collector = (*Container)(nil)
)

// A Container holds the services of an application. [New] makes one; the zero
// value is not usable. It is safe for concurrent use.
//
// What is registered with the container itself, rather than with a [Module],
// belongs to the application: it is visible to every module that names it in
// its needs, and may need everything that modules export. The container itself
// resolves what the application may see.
type Container struct {
	mu        sync.Mutex // guards what follows until the container is frozen
	root      *Module
	modules   []*Module
	entries   []*entry
	consumers []*Consumer
	frozen    bool
	closed    bool

	live    atomic.Pointer[graph] // nil unless frozen and open
	singles owner
}

// New returns an empty container.
func New() *Container {
	c := &Container{}
	c.root = &Module{c: c}
	return c
}

// Module returns a registrar for the module of this name. The keys in exports
// are visible to the other modules that name them in their needs, and unique
// among all exports; every other key that the module registers is its own, and
// other modules may have the same one. Its services may need its own and those
// of needs; a need named "*" is every visible service of the type.
//
// A name that was used before is a problem that [Container.Freeze] reports
// ([di.ErrDuplicate]).
func (c *Container) Module(name string, exports, needs []di.Key) *Module {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &Module{c: c, name: name, exports: slices.Clone(exports), needs: slices.Clone(needs)}
	if !c.frozen {
		c.modules = append(c.modules, m)
	}
	return m
}

// Register adds a service of the application itself.
func (c *Container) Register(reg di.Registration) error { return c.root.Register(reg) }

// register adds an entry. Duplicates are found by Freeze, with everything else.
func (c *Container) register(m *Module, provider string, reg di.Registration) error {
	if err := checkRegistration(reg); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return di.ErrClosed.Wrap(nil, "di: register %v", reg.Key)
	case c.frozen:
		return di.ErrFrozen.Wrap(nil, "di: register %v", reg.Key)
	}
	reg.Needs = slices.Clone(reg.Needs)
	c.entries = append(c.entries, &entry{reg: reg, module: m, provider: provider})
	return nil
}

func checkRegistration(reg di.Registration) error {
	switch {
	case reg.Key.Type == nil:
		return di.Err.Wrap(nil, "di: register: the key has no type")
	case reg.Key.Name == "*":
		return di.Err.Wrap(nil, "di: register %v: the name * means every name", reg.Key)
	case reg.Build == nil:
		return di.Err.Wrap(nil, "di: register %v: Build is nil", reg.Key)
	case reg.Lifetime > di.TransientLifetime:
		return di.Err.Wrap(nil, "di: register %v: unknown lifetime %d", reg.Key, reg.Lifetime)
	case reg.Lifetime == di.TransientLifetime && reg.Close != nil:
		return di.Err.Wrap(nil, "di: register %v: a transient value is never closed: it must not have a Close", reg.Key)
	}
	for _, k := range reg.Needs {
		if k.Type == nil {
			return di.Err.Wrap(nil, "di: register %v: a need has no type", reg.Key)
		}
	}
	return nil
}

// Freeze checks the whole graph and returns every problem, joined, each as a
// [*Problem]. It builds nothing. A container that failed to freeze accepts
// registrations still; freezing a frozen one does nothing.
func (c *Container) Freeze() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return di.ErrClosed.Wrap(nil, "di: freeze")
	case c.frozen:
		return nil
	}
	g, err := link(c)
	if err != nil {
		return err
	}
	c.frozen = true
	c.live.Store(g)
	return nil
}

// Resolve returns the application's value for key: one that a module exports
// or that was registered with the container itself. A key that is private to a
// module is [di.ErrHidden], one of no module [di.ErrMissing] with the keys that
// were probably meant, a scoped one [di.ErrScope]; before Freeze every key is
// [di.ErrNotFrozen], after Close [di.ErrClosed]. An error of Build is a
// [*BuildError]. When ctx ends, Resolve returns; the build goes on for as long
// as others wait for it, and its ctx is cancelled when nobody does.
func (c *Container) Resolve(ctx context.Context, key di.Key) (any, error) {
	g := c.live.Load()
	if g == nil {
		return nil, c.unusable(key)
	}
	e, ok := g.global[key]
	if !ok {
		return nil, g.unknown(c.root, key)
	}
	if v := e.slot.value.Load(); v != nil {
		return *v, nil
	}
	return c.value(ctx, e, nil)
}

// Collect returns every value registered under typ that the application may
// see, in the order of their names. It fails as Resolve does; none is no error.
func (c *Container) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	g := c.live.Load()
	if g == nil {
		return nil, c.unusable(di.Key{Type: typ, Name: "*"})
	}
	return c.values(ctx, g.collect(c.root, typ), nil)
}

// CollectPrivate is Collect without regard to modules: it includes what they
// do not export. It is for whoever runs the application, such as its health
// endpoint. Values of one name are in the order of their registration.
func (c *Container) CollectPrivate(ctx context.Context, typ reflect.Type) ([]any, error) {
	g := c.live.Load()
	if g == nil {
		return nil, c.unusable(di.Key{Type: typ, Name: "*"})
	}
	var all []*entry
	for _, e := range g.entries {
		if e.reg.Key.Type == typ {
			all = append(all, e)
		}
	}
	sortByName(all)
	return c.values(ctx, all, nil)
}

// Build builds every singleton that was not built yet, in the order of
// registration, and stops at the first error. An application calls it when it
// boots, so that what is configured wrongly fails then and not in a request.
func (c *Container) Build(ctx context.Context) error {
	g := c.live.Load()
	if g == nil {
		return c.unusable(di.Key{})
	}
	for _, e := range g.entries {
		if e.reg.Lifetime != di.SingletonLifetime || e.slot.value.Load() != nil {
			continue
		}
		if _, err := c.value(ctx, e, nil); err != nil && e.withdrawn.Load() == nil {
			return err
		}
	}
	return nil
}

// Close releases the singletons that were built, newest first, and returns
// every error, joined. It waits until ctx ends for builds that are running; the
// services that those still need are refused ([di.ErrClosed]). Every release is
// called even if ctx has ended. A second Close waits for the first and returns
// what it returned. Scopes are closed by those who opened them.
func (c *Container) Close(ctx context.Context) error {
	return c.CloseEach(ctx, func(r Release) error { return r.Do(ctx) })
}

// CloseEach is Close with each called instead of every release, one after the
// other; it calls [Release.Do]. It is for whoever gives each its own deadline.
func (c *Container) CloseEach(ctx context.Context, each func(Release) error) error {
	c.mu.Lock()
	c.closed = true
	c.live.Store(nil)
	c.mu.Unlock()
	return c.singles.close(ctx, each)
}

// unusable says why nothing can be resolved.
func (c *Container) unusable(key di.Key) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	sentinel := di.ErrNotFrozen
	if c.closed {
		sentinel = di.ErrClosed
	}
	if key.Type == nil {
		return sentinel
	}
	return sentinel.Wrap(nil, "di: resolve %v", key)
}

// value returns e's value for scope s, which is nil outside one.
func (c *Container) value(ctx context.Context, e *entry, s *Scope) (any, error) {
	switch e.reg.Lifetime {
	case di.SingletonLifetime:
		if v := e.slot.value.Load(); v != nil {
			return *v, nil
		}
		// What a singleton needs is resolved outside the scope that asked first.
		return c.singles.get(ctx, &e.slot, e, nil)
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
		ctx, err := building(ctx, e, s)
		if err != nil {
			return nil, err
		}
		return e.build(ctx, s)
	}
}

func (c *Container) values(ctx context.Context, es []*entry, s *Scope) ([]any, error) {
	vs := make([]any, 0, len(es))
	for _, e := range es {
		v, err := c.value(ctx, e, s)
		switch {
		case err == nil:
			vs = append(vs, v)
		case e.withdrawn.Load() == nil:
			return nil, err
		}
	}
	return vs, nil
}
