package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

func intact(t *testing.T, b *bench) {
	want := events.Event{
		ID: "1", Source: "/a?b=c", Type: "a.b-c.d_e", Key: "Schlüssel", Schema: 7, Format: "text/plain",
		Time: time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC), Data: []byte("\x00\xff\nö"), Headers: map[string]string{"tenant": "t'1\"", "x": ""},
	}
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{})
	b.publish(t, want)
	got := s.next(t)
	if !got.Time.Equal(want.Time) {
		t.Errorf("time: got %v, want %v", got.Time, want.Time)
	}
	got.Time = want.Time
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	bare := events.Event{ID: "2", Source: "/a", Type: "a"}
	b.publish(t, bare)
	if got := s.next(t); got.Key != "" || got.Format != "" || len(got.Data) != 0 || len(got.Headers) != 0 || !got.Time.IsZero() {
		t.Errorf("got %+v, want %+v", got, bare)
	}
}

func atomicity(t *testing.T, b *bench) {
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{})
	boom := errors.New("boom")
	err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := b.box.Publish(ctx, event("rolled back", "k")); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatalf("InTx = %v, want boom", err)
	}
	err = b.db.InTx(t.Context(), func(ctx context.Context) error {
		inner := b.db.InTx(ctx, func(ctx context.Context) error {
			if err := b.box.Publish(ctx, event("savepoint", "k")); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(inner, boom) {
			return fmt.Errorf("inner InTx = %w, want boom", inner)
		}
		return b.box.Publish(ctx, event("committed", "k"))
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wants(t, "committed")
	b.publish(t, event("alone", "k"))
	s.wants(t, "alone")
	s.silent(t)
}

func bulk(t *testing.T, b *bench) {
	evs := make([]events.Event, 1000)
	for i := range evs {
		evs[i] = event(fmt.Sprint(i), "k")
	}
	s := newSink(nil)
	b.publish(t, evs...)
	b.relay(t, s, outbox.RelayOptions{})
	for i := range evs {
		s.wants(t, fmt.Sprint(i))
	}
}

func dedup(t *testing.T, b *bench) {
	s := newSink(nil)
	r := b.relay(t, s, outbox.RelayOptions{Retention: time.Hour})
	other := event("1", "k")
	other.Source = "/other"
	tenants := event("1", "k")
	tenants.Headers = map[string]string{events.HeaderTenant: "other"}
	b.publish(t, event("1", "k"), event("1", "k"), other, tenants)
	s.wants(t, "1", "1", "1")
	until(t, "sent", func() bool { return b.count(t, "status = 1") == 3 })
	b.publish(t, event("1", "k"))
	b.publish(t, event("2", "k"))
	s.wants(t, "2")
	until(t, "sent", func() bool { return b.count(t, "status = 1") == 4 })
	b.clock.Advance(2 * time.Hour)
	if _, err := r.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.publish(t, event("1", "k"))
	s.wants(t, "1")
	s.silent(t)
}

func hostile(t *testing.T, b *bench) {
	for name, spoil := range map[string]func(*events.Event){
		"no id":       func(e *events.Event) { e.ID = "" },
		"NUL in key":  func(e *events.Event) { e.Key = "a\x00b" },
		"bad UTF-8":   func(e *events.Event) { e.ID = "\xff" },
		"bad format":  func(e *events.Event) { e.Format = "\xc3" },
		"bad header":  func(e *events.Event) { e.Headers = map[string]string{"a": "\xff"} },
		"bad header2": func(e *events.Event) { e.Headers = map[string]string{"\x00": "a"} },
	} {
		ev := event("x", "k")
		spoil(&ev)
		if err := b.box.Publish(t.Context(), event("good "+name, "k"), ev); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	if n := b.count(t, "status >= 0"); n != 0 {
		t.Errorf("%d events were taken of refused calls", n)
	}
	injection := event("'); DROP TABLE lexigram_outbox; --", "' OR '1'='1")
	b.publish(t, injection)
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{})
	s.wants(t, injection.ID)
	if err := b.box.Publish(t.Context()); err != nil {
		t.Errorf("publishing nothing: %v", err)
	}
}

func cancelledPublish(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.box.Publish(ctx, event("1", "k")); !errors.Is(err, context.Canceled) || !errors.Is(err, events.Err) {
		t.Errorf("%v, want context.Canceled of the family events", err)
	}
	if n := b.count(t, "status >= 0"); n != 0 {
		t.Errorf("%d events were taken", n)
	}
}

func migrationsGoBack(t *testing.T, b *bench) {
	migrate(t, b.db, ".down.sql")
	if err := b.box.Publish(t.Context(), event("1", "k")); err == nil {
		t.Error("the table is still there")
	}
	migrate(t, b.db, ".sql")
	b.publish(t, event("1", "k"))
}
