package commandbus_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/cqrs/cqrstest"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/lexigram-events/commandbus"
)

func newCommands(t testing.TB, mw ...cqrs.Middleware) *commandbus.Commands {
	t.Helper()
	b, err := commandbus.NewCommands(commandbus.Options{Middleware: mw})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestConformance(t *testing.T) {
	t.Run("commands", func(t *testing.T) {
		cqrstest.RunCommands(t, func(t *testing.T, mw ...cqrs.Middleware) cqrs.CommandBus { return newCommands(t, mw...) })
	})
	t.Run("queries", func(t *testing.T) {
		cqrstest.RunQueries(t, func(t *testing.T, mw ...cqrs.Middleware) cqrs.QueryBus {
			b, err := commandbus.NewQueries(commandbus.Options{Middleware: mw})
			if err != nil {
				t.Fatal(err)
			}
			return b
		})
	})
	t.Run("zero value", func(t *testing.T) {
		var b commandbus.Commands
		if _, err := cqrs.Dispatch[int](t.Context(), &b, place{}); !errors.Is(err, cqrs.ErrNoHandler) {
			t.Errorf("Dispatch on the zero value: %v", err)
		}
	})
}

type (
	place  struct{ id, items int }
	placed struct{ id, items int }
)

func handle(_ context.Context, p place) (placed, error) { return placed(p), nil }

func TestMessages(t *testing.T) {
	b := newCommands(t)
	if err := cqrs.Handle(b, handle); err != nil {
		t.Fatal(err)
	}
	_, wrongType := cqrs.Dispatch[int](t.Context(), b, place{})
	_, pointer := cqrs.Dispatch[placed](t.Context(), b, &place{})
	_, unknown := cqrs.Dispatch[placed](t.Context(), b, struct{}{})
	_, none := cqrs.Dispatch[placed](t.Context(), b, nil)
	for want, err := range map[string]error{
		"cqrs: command commandbus_test.place is answered with a commandbus_test.placed, not a int: result is of another type": wrongType,
		"cqrs: command *commandbus_test.place (did you mean commandbus_test.place?): no handler":                              pointer,
		"cqrs: command struct {} (of 1 types that have one): no handler":                                                      unknown,
		"cqrs: the command is nil: invalid message or handler":                                                                none,
		"commandbus: register command commandbus_test.place: there is a handler already":                                      cqrs.Handle(b, handle),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestMiddlewareThatIsNone(t *testing.T) {
	for _, mw := range []cqrs.Middleware{
		func(cqrs.Handler) cqrs.Handler { return nil },
		func(cqrs.Handler) cqrs.Handler { panic("boom") },
	} {
		if err := cqrs.Handle(newCommands(t, mw), handle); !errors.Is(err, cqrs.ErrMessage) {
			t.Errorf("Handle = %v", err)
		}
	}
	if _, err := commandbus.NewCommands(commandbus.Options{Middleware: []cqrs.Middleware{nil}}); !errors.Is(err, cqrs.ErrMessage) {
		t.Errorf("a nil middleware: %v", err)
	}
	if _, err := commandbus.NewQueries(commandbus.Options{Middleware: []cqrs.Middleware{nil}}); !errors.Is(err, cqrs.ErrMessage) {
		t.Errorf("a nil middleware: %v", err)
	}
}

func TestObserver(t *testing.T) {
	var rec observetest.Recorder
	b, err := commandbus.NewQueries(commandbus.Options{Observer: observe.Observer{Sink: &rec}})
	if err != nil {
		t.Fatal(err)
	}
	failed := errs.New("X", errs.Denied, "not yours")
	if err := cqrs.Answer(b, func(context.Context, place) (int, error) { return 0, failed }); err != nil {
		t.Fatal(err)
	}
	if _, err := cqrs.Ask[int](t.Context(), b, place{}); !errors.Is(err, failed) || errs.KindOf(err) != errs.Denied {
		t.Errorf("Ask = %v", err)
	}
	span, ok := rec.Span("cqrs.query")
	if !ok || !errors.Is(span.Err, failed) || len(span.Attrs) != 1 || !strings.HasSuffix(span.Attrs[0].Value.String(), ".place") {
		t.Errorf("span %+v, %v", span, ok)
	}
}

// shelf is as much of a container as one module needs.
type shelf map[di.Key]di.Registration

func (s shelf) Register(r di.Registration) error { s[r.Key] = r; return nil }

func (s shelf) Resolve(ctx context.Context, k di.Key) (any, error) { return s[k].Build(ctx, s) }

func TestModule(t *testing.T) {
	d, s := commandbus.Module(commandbus.Options{}), shelf{}
	for _, p := range d.Providers {
		if err := p.Register(s); err != nil {
			t.Fatal(err)
		}
	}
	commands, err1 := di.Get[cqrs.CommandBus](t.Context(), s)
	queries, err2 := di.Get[cqrs.QueryBus](t.Context(), s)
	if err := errors.Join(err1, err2); err != nil || len(d.Exports) != len(s) {
		t.Fatalf("%v; exports %v of %d", err, d.Exports, len(s))
	}
	// Each is a bus of its own.
	if err := errors.Join(cqrs.Handle(commands, handle), cqrs.Answer(queries, handle)); err != nil {
		t.Error(err)
	}
}

func TestAllocations(t *testing.T) {
	b := newCommands(t)
	if err := cqrs.Handle(b, func(context.Context, *place) (*placed, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	if err := cqrs.Handle(b, handle); err != nil {
		t.Fatal(err)
	}
	ctx, pointer := context.Background(), &place{}
	if n := testing.AllocsPerRun(100, func() { _, _ = cqrs.Dispatch[*placed](ctx, b, pointer) }); n > 0 {
		t.Errorf("pointers: %v allocations, want 0", n)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = cqrs.Dispatch[placed](ctx, b, place{1, 2}) }); n > 2 {
		t.Errorf("values: %v allocations, want those of the command and the result in an interface", n)
	}
}

func BenchmarkDispatch(b *testing.B) {
	bus := newCommands(b)
	if err := cqrs.Handle(bus, handle); err != nil {
		b.Fatal(err)
	}
	if err := cqrs.Handle(bus, func(_ context.Context, p *place) (*placed, error) { return (*placed)(p), nil }); err != nil {
		b.Fatal(err)
	}
	b.Run("values", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := cqrs.Dispatch[placed](b.Context(), bus, place{1, 2}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pointers", func(b *testing.B) {
		b.ReportAllocs()
		p := &place{1, 2}
		for b.Loop() {
			if _, err := cqrs.Dispatch[*placed](b.Context(), bus, p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
