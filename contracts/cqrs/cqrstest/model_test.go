package cqrstest

import (
	"context"
	"reflect"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A model is the smallest bus that keeps every rule, or breaks the one named in breaks.
type model struct {
	mu       sync.Mutex
	handlers map[any]cqrs.Registration // by type, or by its name
	mw       []cqrs.Middleware
	failed   *errs.Error
	breaks   string
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) id(t reflect.Type) any {
	if m.is("exact types") {
		return t.String()
	}
	return t
}

func (m *model) wrap(h cqrs.Handler) cqrs.Handler {
	for i := range m.mw {
		if m.is("order of middleware") {
			h = m.mw[i](h)
		} else {
			h = m.mw[len(m.mw)-1-i](h)
		}
	}
	return h
}

func (m *model) Register(r cqrs.Registration) error {
	if m.is("whole registrations") && (r.Message == nil || r.Handle == nil || r.Result == nil) {
		return nil
	}
	if r.Message == nil || r.Result == nil || r.Handle == nil || r.Message.Kind() == reflect.Interface {
		return cqrs.ErrMessage
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.handlers[m.id(r.Message)]; ok && !m.is("one handler") {
		return cqrs.ErrDuplicate.Wrap(nil, "model: %v", r.Message)
	}
	if !m.is("middleware is called once") {
		r.Handle = m.wrap(r.Handle)
	}
	m.handlers[m.id(r.Message)] = r
	return nil
}

func (m *model) send(ctx context.Context, message any, result reflect.Type) (any, error) {
	if message == nil {
		return nil, map[bool]error{true: cqrs.ErrNoHandler, false: cqrs.ErrMessage}[m.is("nil")]
	}
	m.mu.Lock()
	r, ok := m.handlers[m.id(reflect.TypeOf(message))]
	m.mu.Unlock()
	if !ok {
		return nil, m.missing(message)
	}
	if r.Result != result && result != nil && !(result.Kind() == reflect.Interface && r.Result.Implements(result)) && !m.is("types of results") {
		return nil, cqrs.ErrResult
	}
	return m.call(ctx, r, message)
}

func (m *model) missing(message any) error {
	if m.is("no handler") {
		return cqrs.ErrNoHandler
	}
	hint := ""
	switch message.(type) {
	case placeOrders, *placeOrder:
		hint = "; meant is cqrstest.placeOrder"
	}
	return cqrs.ErrNoHandler.Wrap(nil, "model: %T%s", message, hint)
}

func (m *model) call(ctx context.Context, r cqrs.Registration, message any) (v any, err error) {
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return nil, context.Cause(ctx)
	}
	if ctx.Value(m) != nil {
		return nil, m.failed.Wrap(nil, "the bus is entered again, and waits for itself")
	}
	switch {
	case m.is("result"):
		ctx = context.Background()
	case m.is("handlers may send"):
		ctx = context.WithValue(ctx, m, true)
	}
	if m.is("middleware is called once") {
		r.Handle = m.wrap(r.Handle)
	}
	if m.is("middleware may answer") && message == (placeOrder{1}) {
		return total(1), nil
	}
	call := func() (err error) { v, err = r.Handle(ctx, message); return err }
	if m.is("panics") {
		err = call()
	} else {
		err = errs.Catch(call)
	}
	switch {
	case err == nil && m.is("concurrent use") && reflect.TypeOf(message).Kind() == reflect.Array:
		return total(0), nil
	case err == nil:
		return v, nil
	case m.is("errors"):
		return v, err
	}
	return nil, m.failed.Wrap(err, "model: %T", message)
}

type commands struct{ *model }

func (c commands) Dispatch(ctx context.Context, command any, result reflect.Type) (any, error) {
	return c.send(ctx, command, result)
}

type queries struct{ *model }

func (q queries) Execute(ctx context.Context, query any, result reflect.Type) (any, error) {
	return q.send(ctx, query, result)
}

func newModel(breaks string, failed *errs.Error, mw []cqrs.Middleware) *model {
	return &model{handlers: map[any]cqrs.Registration{}, mw: mw, failed: failed, breaks: breaks}
}

func TestGood(t *testing.T) {
	RunCommands(t, func(_ *testing.T, mw ...cqrs.Middleware) cqrs.CommandBus {
		return commands{newModel("", cqrs.ErrCommand, mw)}
	})
	RunQueries(t, func(_ *testing.T, mw ...cqrs.Middleware) cqrs.QueryBus {
		return queries{newModel("", cqrs.ErrQuery, mw)}
	})
}

// TestBroken runs each rule on the bus that breaks just it. A rule without one meets a
// bus that breaks nothing, and fails here.
func TestBroken(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules() {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		open := func(breaks string) opener {
			return func(mw ...cqrs.Middleware) bus {
				m := newModel(breaks, cqrs.ErrCommand, mw)
				return bus{m.Register, m.send, cqrs.ErrCommand}
			}
		}
		if err := r.check(t.Context(), open("")); err != nil {
			t.Errorf("rule %q: the bus that keeps it failed: %v", r.name, err)
		}
		err := r.check(t.Context(), open(r.name))
		if err == nil {
			t.Errorf("rule %q: the bus that breaks it passed", r.name)
		}
		t.Logf("%s: %.200v", r.name, err)
	}
}
