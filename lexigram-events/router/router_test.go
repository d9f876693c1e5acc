package router_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/events/eventstest"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/router"
)

func open(t testing.TB, mw ...router.Middleware) (*router.Router, *memoryevents.Bus) {
	t.Helper()
	bus := memoryevents.New(memoryevents.Options{})
	t.Cleanup(func() {
		if err := bus.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	r, err := router.New(bus, bus, router.Options{Source: "/test", Codec: jsonCodec{}, Middleware: mw})
	if err != nil {
		t.Fatal(err)
	}
	return r, bus
}

// A router changes nothing of what its bus promises.
func TestConformance(t *testing.T) {
	eventstest.Run(t, func(t *testing.T) eventstest.Bus {
		bus := memoryevents.New(memoryevents.Options{Buffer: 64, Keep: 16})
		t.Cleanup(func() { _ = bus.Close(context.Background()) }) // rules close it, too
		pass := func(next events.Handler) events.Handler { return next }
		r, err := router.New(bus, bus, router.Options{Source: "/test", Codec: jsonCodec{}, Middleware: []router.Middleware{pass}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}, eventstest.Keeps())
}

func TestNew(t *testing.T) {
	bus := memoryevents.New(memoryevents.Options{})
	for name, opts := range map[string]router.Options{
		"no source":      {Codec: jsonCodec{}},
		"no codec":       {Source: "/"},
		"nil middleware": {Source: "/", Codec: jsonCodec{}, Middleware: []router.Middleware{nil}},
	} {
		if _, err := router.New(bus, bus, opts); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := router.New(nil, nil, router.Options{Source: "/", Codec: jsonCodec{}})
	if err != nil {
		t.Fatal(err)
	}
	_, sub := router.Handle(t.Context(), r, placed, events.Subscription{}, func(context.Context, OrderPlaced) error { return nil })
	for name, err := range map[string]error{
		"Publish": router.Publish(t.Context(), r, placed, OrderPlaced{}), "Handle": sub, "Deliver": r.Deliver(t.Context()),
	} {
		if !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s = %v, want ErrUnsupported", name, err)
		}
	}
}

func TestHandleChecks(t *testing.T) {
	r, _ := open(t)
	_, nilHandler := router.Handle[OrderPlaced](t.Context(), r, placed, events.Subscription{}, nil)
	_, types := router.Handle(t.Context(), r, placed, events.Subscription{Types: []string{"a"}}, func(context.Context, OrderPlaced) error { return nil })
	_, nilNow := router.HandleNow[OrderPlaced](r, placed, nil)
	_, pattern := router.HandleNow(r, router.Topic[int]{Type: "a*"}, func(context.Context, int) error { return nil })
	_, nilRaw := r.Subscribe(t.Context(), events.Subscription{Types: []string{"a"}}, nil)
	for _, err := range []error{nilHandler, types, nilNow, pattern, nilRaw} {
		if !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%v, want ErrInvalid", err)
		}
	}
}

// What a handler publishes carries what it was caused by.
func TestCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := open(t)
		shipped := router.Topic[int]{Type: "orders.order.shipped"}
		var got, first events.Event
		handle := func(typ string, h events.Handler) {
			if _, err := r.Subscribe(t.Context(), events.Subscription{Types: []string{typ}}, h); err != nil {
				t.Fatal(err)
			}
		}
		handle(placed.Type, func(ctx context.Context, ev events.Event) error {
			first = ev
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return router.Publish(ctx, r, shipped, 7)
		})
		handle(shipped.Type, func(_ context.Context, ev events.Event) error { got = ev; return nil })
		publish := func(edits ...func(*events.Event)) {
			if err := router.Publish(t.Context(), r, placed, OrderPlaced{ID: "7"}, edits...); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		publish()
		if h := got.Headers; len(first.Headers) != 0 || h[events.HeaderCausation] != first.ID || h[events.HeaderCorrelation] != first.ID || len(h) != 2 {
			t.Errorf("caused by %v: %v", first, got)
		}
		publish(func(ev *events.Event) {
			ev.Headers = map[string]string{events.HeaderCorrelation: "c", events.HeaderTenant: "t", "other": "o"}
		})
		if h := got.Headers; h[events.HeaderCausation] != first.ID || h[events.HeaderCorrelation] != "c" || h[events.HeaderTenant] != "t" || len(h) != 3 {
			t.Errorf("caused by %v: %v", first, got)
		}
		if _, ok := router.Cause(t.Context()); ok {
			t.Error("there is a cause outside of handlers")
		}
	})
}

// What cannot be decoded is dead at once, with the reason.
func TestDecode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, bus := open(t)
		v2 := router.Topic[OrderPlaced]{Type: "orders.*.placed", Schema: 2}
		if _, err := router.Handle(t.Context(), r, v2, events.Subscription{}, func(context.Context, OrderPlaced) error { return nil }); err != nil {
			t.Fatal(err)
		}
		for reason, change := range map[string]func(*events.Event){
			"unexpected end":              func(ev *events.Event) { ev.Data = []byte("{") },
			"later one runs":              func(ev *events.Event) { ev.Schema = 3 },
			"the topic has no Upcast":     func(ev *events.Event) { ev.Schema = 1 },
			"its format is not that":      func(ev *events.Event) { ev.Format = "text/plain" },
			"":                            func(*events.Event) {},
			"\x00":                        func(ev *events.Event) { ev.Format = "application/json; charset=utf-8" },
			"unexpected end \x00 no data": func(ev *events.Event) { ev.Data = nil },
		} {
			before := len(bus.DeadLetters())
			err := router.Publish(t.Context(), r, placed, OrderPlaced{ID: "7"}, func(ev *events.Event) { ev.Schema = 2; change(ev) })
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			reason, _, _ := strings.Cut(reason, " \x00")
			dead := bus.DeadLetters()
			if reason == "" || reason == "\x00" {
				if len(dead) != before {
					t.Errorf("good event is dead: %v", dead[before].Reason)
				}
			} else if len(dead) != before+1 || !strings.Contains(dead[before].Reason.Error(), reason) || !errors.Is(dead[before].Reason, events.ErrPoison) || dead[before].Attempts != 1 {
				t.Errorf("%s: dead letters %+v", reason, dead[before:])
			}
		}
	})
}

func TestUpcast(t *testing.T) {
	r, _ := open(t)
	v3 := router.Topic[OrderPlaced]{Type: placed.Type, Schema: 3, Upcast: func(schema int, data []byte) ([]byte, error) {
		if schema == 2 {
			return nil, errors.New("two was a mistake")
		}
		return []byte(`{"id":"` + string(data) + `"}`), nil
	}}
	ev := events.New("/", placed.Type, []byte("seven"))
	if v, err := router.Decode(r, v3, ev); err != nil || v.ID != "seven" {
		t.Errorf("%+v, %v", v, err)
	}
	ev.Schema = 2
	if _, err := router.Decode(r, v3, ev); !errors.Is(err, events.ErrPoison) || !strings.Contains(err.Error(), "two was a mistake") {
		t.Errorf("%v", err)
	}
}

// The failure of a handler that Publish calls is Publish's, and the bus has nothing.
func TestHandleNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := open(t)
		var later atomic.Int32
		if _, err := router.Handle(t.Context(), r, placed, events.Subscription{}, func(context.Context, OrderPlaced) error { later.Add(1); return nil }); err != nil {
			t.Fatal(err)
		}
		boom := errors.New("boom")
		var calls []string
		var fail error
		now := func(name string, fn func(context.Context, OrderPlaced) error) (stop func()) {
			stop, err := router.HandleNow(r, router.Topic[OrderPlaced]{Type: "orders.>"}, func(ctx context.Context, o OrderPlaced) error {
				calls = append(calls, name+o.ID)
				return fn(ctx, o)
			})
			if err != nil {
				t.Fatal(err)
			}
			return stop
		}
		stopFirst := now("first", func(context.Context, OrderPlaced) error { return fail })
		now("second", func(context.Context, OrderPlaced) error { return nil })
		publish := func() error {
			calls = nil
			err := router.Publish(t.Context(), r, placed, OrderPlaced{ID: "7"})
			synctest.Wait()
			return err
		}
		if err := publish(); err != nil || strings.Join(calls, " ") != "first7 second7" || later.Load() != 1 {
			t.Errorf("%v; called %q; then %d", err, calls, later.Load())
		}
		fail = boom
		if err := publish(); !errors.Is(err, boom) || len(calls) != 1 || later.Load() != 1 {
			t.Errorf("%v; called %q; then %d", err, calls, later.Load())
		}
		stopFirst()
		stopFirst()
		if err := publish(); err != nil || strings.Join(calls, " ") != "second7" || later.Load() != 2 {
			t.Errorf("%v; called %q; then %d", err, calls, later.Load())
		}
		now("third", func(context.Context, OrderPlaced) error { panic("ouch") })
		if err := publish(); !errors.Is(err, errs.ErrPanic) || later.Load() != 2 {
			t.Errorf("%v; then %d", err, later.Load())
		}
		if err := r.Publish(t.Context(), events.Event{}); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("Publish of no event = %v", err)
		}
		ended, cancel := context.WithCancelCause(t.Context())
		cancel(boom)
		if err := router.Publish(ended, r, placed, OrderPlaced{}); !errors.Is(err, boom) || len(calls) != 2 {
			t.Errorf("%v; called %q", err, calls)
		}
	})
}

// The router is the consumer of all of its subscriptions.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := open(t)
		var handled atomic.Int32
		for _, group := range []string{"", "g"} {
			_, err := router.Handle(t.Context(), r, placed, events.Subscription{Group: group, Lanes: 1}, func(context.Context, OrderPlaced) error {
				time.Sleep(time.Second)
				handled.Add(1)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		one, err := r.Subscribe(t.Context(), events.Subscription{Types: []string{"b"}}, func(context.Context, events.Event) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		one.Stop() // by itself
		if err := router.Publish(t.Context(), r, placed, OrderPlaced{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case <-r.Closed():
			t.Error("closed while it runs")
		default:
		}
		if err := r.Drain(t.Context()); err != nil || handled.Load() != 2 {
			t.Errorf("Drain = %v after %d of 2", err, handled.Load())
		}
		<-r.Closed()
		r.Stop()
		_, err = r.Subscribe(t.Context(), events.Subscription{Types: []string{"a"}}, func(context.Context, events.Event) error { return nil })
		if !errors.Is(err, events.ErrClosed) || r.Err() != nil {
			t.Errorf("Subscribe = %v, Err = %v", err, r.Err())
		}
	})
}

func TestStopBeforeAnything(t *testing.T) {
	r, _ := open(t)
	r.Stop()
	<-r.Closed()
	if err := r.Drain(t.Context()); err != nil {
		t.Error(err)
	}
}

// discard is a publisher that costs nothing.
type discard struct{}

func (discard) Publish(context.Context, ...events.Event) error { return nil }

// raw is a codec that costs nothing.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)         { return *v.(*[]byte), nil }
func (raw) Unmarshal(data []byte, into any) error { **into.(**[]byte) = data; return nil }

func TestAllocations(t *testing.T) {
	r, err := router.New(discard{}, nil, router.Options{Source: "/", Codec: raw{}})
	if err != nil {
		t.Fatal(err)
	}
	topic, data := router.Topic[*[]byte]{Type: "a"}, []byte("x")
	ctx := context.Background()
	n := testing.AllocsPerRun(100, func() {
		if err := router.Publish(ctx, r, topic, &data); err != nil {
			t.Fatal(err)
		}
	})
	if n > 3 {
		t.Errorf("Publish allocates %v times, want those of the ID, and the list of events", n)
	}
}
