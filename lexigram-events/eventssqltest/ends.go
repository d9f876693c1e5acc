package eventssqltest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

func (b *bench) text(t *testing.T, sql string) (s string) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), b.db, sql).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) hold(t *testing.T, id string) (n int64) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), b.db, "SELECT hold_until FROM lexigram_outbox WHERE id = $1", id).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func stopGivesBack(t *testing.T, b *bench) {
	b.publish(t, event("a1", "a"), event("a2", "a"))
	reply, _ := blocking()
	first := newSink(reply)
	r := b.relay(t, first, outbox.RelayOptions{})
	first.wants(t, "a1")
	stop(t, r)
	stop(t, r)
	if n := b.count(t, "status = 0 AND owner = '' AND hold_until = 0 AND attempts = 0"); n != 2 {
		t.Errorf("%d events were given back, want 2", n)
	}
	if err := r.Start(t.Context()); !errors.Is(err, events.ErrClosed) {
		t.Errorf("Start after Stop = %v, want ErrClosed", err)
	}
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{})
	s.wants(t, "a1", "a2")
}

func drainFinishes(t *testing.T, b *bench) {
	b.publish(t, event("a1", "a"), event("a2", "a"))
	reply, release := blocking()
	s := newSink(reply)
	r := b.relay(t, s, outbox.RelayOptions{})
	s.wants(t, "a1")
	ended, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Drain(t.Context()) }()
	release()
	if err := <-done; err != nil {
		t.Errorf("Drain = %v", err)
	}
	if n := b.count(t, "status = 1"); n != 2 {
		t.Errorf("%d events were sent, want 2", n)
	}
	cancel()
	if err := r.Drain(ended); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("second Drain = %v", err)
	}

	b.publish(t, event("b1", "b"))
	reply, _ = blocking()
	s = newSink(reply)
	r = b.relay(t, s, outbox.RelayOptions{})
	s.wants(t, "b1")
	if err := r.Drain(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Drain = %v, want context.Canceled", err)
	}
	until(t, "given back", func() bool { return b.count(t, "status = 0 AND owner = ''") == 1 })
}

func stopBeforeStart(t *testing.T, b *bench) {
	r, err := outbox.NewRelay(b.db, newSink(nil), outbox.RelayOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Stop(t.Context()), r.Drain(t.Context())); err != nil {
		t.Errorf("Stop before Start = %v", err)
	}
	if err := r.Start(t.Context()); !errors.Is(err, events.ErrClosed) {
		t.Errorf("Start after Stop = %v, want ErrClosed", err)
	}
}

// acknowledge has the relay mark an event only when the handlers of the bus behind it have.
func acknowledge(t *testing.T, b *bench) {
	bus := memoryevents.New(memoryevents.Options{})
	t.Cleanup(func() { _ = bus.Close(context.Background()) }) // nothing is left in it
	var calls atomic.Int32
	gate := make(chan struct{})
	_, err := bus.Subscribe(t.Context(), events.Subscription{Types: []string{">"}}, func(context.Context, events.Event) error {
		if calls.Add(1) == 1 {
			<-gate
			return errors.New("not now")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.publish(t, event("a1", "a"))
	b.relay(t, bus, outbox.RelayOptions{})
	until(t, "the handler is called", func() bool { return calls.Load() == 1 })
	if n := b.count(t, "status = 1"); n != 0 {
		t.Error("the event is marked while its handler runs")
	}
	close(gate)
	until(t, "the failure is recorded", func() bool { return b.count(t, "status = 0 AND attempts = 1 AND owner = ''") == 1 })
	b.clock.Advance(time.Hour)
	until(t, "the event is marked", func() bool { return b.count(t, "status = 1") == 1 })
	if n := calls.Load(); n != 2 {
		t.Errorf("the handler was called %d times, want 2", n)
	}
}

// half is a decorator of a bus that is no Deliverer.
type half struct{ *sink }

func (half) Deliver(context.Context, ...events.Event) error { return errors.ErrUnsupported }

func decorator(t *testing.T, b *bench) {
	s := newSink(nil)
	b.relay(t, half{s}, outbox.RelayOptions{})
	b.publish(t, event("a1", "a"))
	s.wants(t, "a1")
	until(t, "marked", func() bool { return b.count(t, "status = 1 AND attempts = 0") == 1 })
}

func retention(t *testing.T, b *bench) {
	s := newSink(func(_ context.Context, ev events.Event) error {
		if ev.ID == "dead" {
			return events.ErrPoison
		}
		return nil
	})
	r := b.relay(t, s, outbox.RelayOptions{Retention: time.Hour, InboxRetention: time.Hour})
	in, err := outbox.NewInbox(b.db, b.clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Once(t.Context(), "c", event("1", ""), func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	evs := []events.Event{event("dead", "")}
	for i := range 1200 { // more than two small batches
		evs = append(evs, event(time.Duration(i).String(), ""))
	}
	b.publish(t, evs...)
	until(t, "sent", func() bool { return b.count(t, "status = 1") == 1200 && b.count(t, "status = 2") == 1 })
	if n, err := r.Purge(t.Context()); n != 0 || err != nil {
		t.Errorf("Purge before the retention = %d, %v", n, err)
	}
	b.clock.Advance(time.Hour + time.Second)
	if n, err := r.Purge(t.Context()); n != 1201 || err != nil {
		t.Errorf("Purge = %d, %v, want 1,200 events and one record of the inbox", n, err)
	}
	if n := b.count(t, "status = 2"); n != 1 {
		t.Error("a dead letter was purged")
	}
}

func healthCheck(t *testing.T, b *bench) {
	want := func(s health.Status) {
		t.Helper()
		if got := b.box.CheckHealth(t.Context()); got.Status != s {
			t.Errorf("got %v (%s), want %v", got.Status, got.Message, s)
		}
	}
	want(health.Healthy)
	b.publish(t, event("1", ""))
	want(health.Healthy)
	b.clock.Advance(2 * time.Minute)
	want(health.Degraded)
	s := newSink(func(context.Context, events.Event) error { return events.ErrPoison })
	b.relay(t, s, outbox.RelayOptions{})
	until(t, "dead", func() bool { return b.count(t, "status = 2") == 1 })
	want(health.Degraded)
	migrate(t, b.db, ".down.sql")
	want(health.Unhealthy)
}
