package commandbus

import (
	"context"
	"log/slog"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A kind is what the two buses differ in.
type kind struct {
	word   string
	op     string
	failed *errs.Error
}

// Immutable.
var (
	command = kind{"command", "cqrs.command", cqrs.ErrCommand}
	query   = kind{"query", "cqrs.query", cqrs.ErrQuery}
)

// A registry holds the handlers of one bus. Its map is replaced and never written.
type registry struct {
	opts     Options
	mu       sync.Mutex // of writers
	handlers atomic.Pointer[map[reflect.Type]*entry]
}

// An entry is a registration within its middleware.
type entry struct {
	name   string
	result reflect.Type
	handle cqrs.Handler
}

func (r *registry) init(opts Options) error {
	opts.Middleware = slices.Clone(opts.Middleware)
	for i, mw := range opts.Middleware {
		if mw == nil {
			return cqrs.ErrMessage.Wrap(nil, "commandbus: middleware %d is nil", i)
		}
	}
	r.opts = opts
	return nil
}

func (r *registry) register(k kind, reg cqrs.Registration) error {
	switch {
	case reg.Message == nil, reg.Result == nil, reg.Handle == nil:
		return cqrs.ErrMessage.Wrap(nil, "commandbus: register %v: message, result and handler are all needed", reg.Message)
	case reg.Message.Kind() == reflect.Interface:
		return cqrs.ErrMessage.Wrap(nil, "commandbus: register %v: it is an interface, and handlers are found by exact type", reg.Message)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	old := r.table()
	if _, ok := old[reg.Message]; ok {
		return cqrs.ErrDuplicate.Wrap(nil, "commandbus: register %s %v", k.word, reg.Message)
	}
	e := &entry{name: reg.Message.String(), result: reg.Result}
	var err error
	if e.handle, err = r.within(reg.Handle); err != nil {
		return cqrs.ErrMessage.Wrap(err, "commandbus: register %s %s", k.word, e.name)
	}
	next := make(map[reflect.Type]*entry, len(old)+1)
	maps.Copy(next, old)
	next[reg.Message] = e
	r.handlers.Store(&next)
	return nil
}

// within puts the middleware around a handler.
func (r *registry) within(h cqrs.Handler) (cqrs.Handler, error) {
	for i, mw := range slices.Backward(r.opts.Middleware) {
		err := errs.Catch(func() error { h = mw(h); return nil })
		if err != nil {
			return nil, err
		}
		if h == nil {
			return nil, cqrs.ErrMessage.Wrap(nil, "middleware %d made nil of it", i)
		}
	}
	return h, nil
}

func (r *registry) table() map[reflect.Type]*entry {
	if t := r.handlers.Load(); t != nil {
		return *t
	}
	return nil
}

func (r *registry) send(ctx context.Context, k kind, message any, result reflect.Type) (any, error) {
	if message == nil {
		return nil, cqrs.ErrMessage.Wrap(nil, "cqrs: the %s is nil", k.word)
	}
	e := r.table()[reflect.TypeOf(message)]
	if e == nil {
		return nil, r.missing(k, reflect.TypeOf(message))
	}
	if result != e.result && result != nil && (result.Kind() != reflect.Interface || !e.result.Implements(result)) {
		return nil, cqrs.ErrResult.Wrap(nil, "cqrs: %s %s is answered with a %v, not a %v", k.word, e.name, e.result, result)
	}
	if ctx.Err() != nil {
		return nil, cqrs.Err.Wrap(context.Cause(ctx), "cqrs: %s %s", k.word, e.name)
	}
	if r.opts.Observer.Sink == nil {
		return e.call(ctx, k, message)
	}
	ctx, end := r.opts.Observer.Start(ctx, k.op, slog.String("type", e.name))
	v, err := e.call(ctx, k, message)
	end(err)
	return v, err
}

// call calls the handler; its panic is an error.
func (e *entry) call(ctx context.Context, k kind, message any) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &errs.PanicError{Value: p, Stack: debug.Stack()}
		}
		if err != nil {
			v, err = nil, k.failed.Wrap(err, "cqrs: %s %s", k.word, e.name)
		}
	}()
	return e.handle(ctx, message)
}

// missing names the type without a handler, and the one that was probably meant.
func (r *registry) missing(k kind, t reflect.Type) error {
	table := r.table()
	meant := ""
	switch {
	case t.Kind() == reflect.Pointer && table[t.Elem()] != nil:
		meant = t.Elem().String()
	case table[reflect.PointerTo(t)] != nil:
		meant = "*" + t.String()
	default:
		meant = nearest(t, table)
	}
	if meant != "" {
		return cqrs.ErrNoHandler.Wrap(nil, "cqrs: %s %v (did you mean %s?)", k.word, t, meant)
	}
	return cqrs.ErrNoHandler.Wrap(nil, "cqrs: %s %v (of %d types that have one)", k.word, t, len(table))
}

// nearest returns the type whose name is nearly that of t, packages aside, or "".
func nearest(t reflect.Type, table map[reflect.Type]*entry) string {
	names := make([]string, 0, len(table))
	byName := make(map[string]string, len(table))
	for other, e := range table {
		short := bare(other)
		if full, ok := byName[short]; !ok || e.name < full {
			byName[short] = e.name
		}
		names = append(names, short)
	}
	slices.Sort(names)
	return byName[config.Nearest(bare(t), names)]
}

// bare returns the name of a type, or of what it points to, without its package.
func bare(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
