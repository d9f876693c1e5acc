package eventssqltest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
)

func busDead(t *testing.T, db sqldb.DB) {
	c := new(clocktest.Fake)
	b := newBus(t, db, sqlevents.Options{Clock: c})
	var mu sync.Mutex
	sick := true
	s := newSink(func(_ context.Context, ev events.Event) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case !sick || ev.ID == "good":
			return nil
		case ev.ID == "panics":
			panic("ouch")
		case ev.ID == "closed":
			return events.ErrClosed.Wrap(nil, "some other bus") // an attempt as any other
		}
		return events.ErrPoison.Wrap(nil, "cannot read it")
	})
	subscribe(t, b, "g", s, func(s *events.Subscription) { s.Retry.Attempts = 3 })
	publish(t, b, "poison", "panics", "closed", "good")
	for range 1 + 3 + 3 + 1 {
		s.next(t)
		c.Advance(time.Second)
	}
	var all []sqlevents.DeadLetter
	until(t, "dead", func() bool {
		c.Advance(time.Second)
		all = nil
		for d, err := range b.Dead(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, d)
		}
		return len(all) == 3
	})
	for i, want := range []struct {
		id, reason string
		attempts   int
	}{{"poison", "cannot read it", 1}, {"panics", "ouch", 3}, {"closed", "some other bus", 3}} {
		if d := all[i]; d.Event.ID != want.id || !strings.Contains(d.Reason, want.reason) || d.Attempts != want.attempts || d.Group != "g" || d.Event.Key != "k" {
			t.Errorf("dead letter %+v, want %+v", d, want)
		}
	}
	mu.Lock()
	sick = false
	mu.Unlock()
	if err := errors.Join(b.Replay(t.Context(), all[0].ID), b.Discard(t.Context(), all[1].ID)); err != nil {
		t.Fatal(err)
	}
	for len(s.got) > 0 { // what was tried before
		s.next(t)
	}
	until(t, "replayed", func() bool {
		return rowCount(t, db, "lexigram_event_queue WHERE id = 'poison' AND group_id <> 0 AND status = 1") == 1
	})
	for _, err := range []error{b.Replay(t.Context(), all[0].ID), b.Discard(t.Context(), all[1].ID), b.Replay(t.Context(), all[1].ID)} {
		if !errors.Is(err, sqlevents.ErrNoLetter) {
			t.Errorf("%v, want ErrNoLetter", err)
		}
	}
}

func busDrops(t *testing.T, db sqldb.DB) {
	b, s := newBus(t, db, sqlevents.Options{}), newSink(func(context.Context, events.Event) error { return errors.New("no") })
	subscribe(t, b, "g", s, func(s *events.Subscription) { s.Retry.Attempts, s.Retry.Drop = 1, true })
	publish(t, b, "1", "2")
	s.wants(t, "1", "2")
	until(t, "settled", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 0") == 0 })
	for d := range b.Dead(t.Context()) {
		t.Errorf("kept: %+v", d)
	}
}

func busForgets(t *testing.T, db sqldb.DB) {
	b, s := newBus(t, db, sqlevents.Options{}), newSink(nil)
	c := subscribe(t, b, "g", s)
	if _, err := b.Forget(t.Context(), "g"); !errors.Is(err, events.ErrGroup) {
		t.Errorf("Forget of a group with a consumer = %v", err)
	}
	c.Stop()
	closed(t, c)
	publish(t, b, "1", "2")
	if n, err := b.Forget(t.Context(), "g"); n != 2 || err != nil {
		t.Errorf("Forget = %d, %v", n, err)
	}
	for _, name := range []string{"g", "", "never"} {
		if n, err := b.Forget(t.Context(), name); n != 0 || err != nil {
			t.Errorf("Forget %q = %d, %v", name, n, err)
		}
	}
	publish(t, b, "3")
	subscribe(t, b, "g", s)
	publish(t, b, "4")
	s.wants(t, "4")
}

func busRetains(t *testing.T, db sqldb.DB) {
	c := new(clocktest.Fake)
	b, s := newBus(t, db, sqlevents.Options{Clock: c, Retention: time.Hour}), newSink(nil)
	subscribe(t, b, "g", s).Stop()
	publish(t, b, "waits")
	c.Advance(2 * time.Hour)
	publish(t, b, "kept")
	if err := b.Purge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if old, all := rowCount(t, db, "lexigram_event_queue WHERE group_id = 0 AND id = 'waits'"), rowCount(t, db, "lexigram_event_queue"); old != 0 || all != 3 {
		t.Errorf("%d rows of what is old, %d of 3 in all", old, all)
	}
	subscribe(t, b, "g", s)
	s.wants(t, "waits", "kept")
}

func busHealth(t *testing.T, db sqldb.DB) {
	c := new(clocktest.Fake)
	b := newBus(t, db, sqlevents.Options{Clock: c})
	want := func(status health.Status) {
		t.Helper()
		if res := b.CheckHealth(t.Context()); res.Status != status {
			t.Errorf("%+v, want %v", res, status)
		}
	}
	want(health.Healthy)
	subscribe(t, b, "g", newSink(nil)).Stop()
	publish(t, b, "1")
	want(health.Healthy)
	c.Advance(2 * time.Minute)
	want(health.Degraded)
	subscribe(t, b, "g", newSink(func(context.Context, events.Event) error { return events.ErrPoison }))
	until(t, "dead", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 2") == 1 })
	want(health.Degraded)
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(health.Unhealthy)
}

// busInbox: what is delivered again has its effect once.
func busInbox(t *testing.T, db sqldb.DB) {
	migrate(t, db, ".sql")
	if _, err := db.Exec(t.Context(), "CREATE TABLE effects (n INTEGER NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	in, err := outbox.NewInbox(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := newBus(t, db, sqlevents.Options{})
	var mu sync.Mutex
	seen := map[string]int{}
	s := newSink(func(ctx context.Context, ev events.Event) error {
		err := in.Once(ctx, "g", ev, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO effects (n) VALUES (1)")
			return err
		})
		mu.Lock()
		defer mu.Unlock()
		if seen[ev.ID]++; err == nil && seen[ev.ID] < 3 {
			err = errors.New("fails after the effect")
		}
		return err
	})
	subscribe(t, b, "g", s)
	publish(t, b, "1", "2", "3")
	until(t, "handled", func() bool { return rowCount(t, db, "lexigram_event_queue WHERE status = 0") == 0 })
	if n := rowCount(t, db, "effects"); n != 3 {
		t.Errorf("%d effects of 3 events", n)
	}
}

func busTables(t *testing.T, db sqldb.DB) {
	applyFiles(t, db, sqlevents.Migrations(), ".down.sql")
	applyFiles(t, db, sqlevents.Migrations(), ".sql")
	b, s := newBus(t, db, sqlevents.Options{}), newSink(nil)
	subscribe(t, b, "g", s)
	publish(t, b, "1")
	s.wants(t, "1")
}

// busObserved: what is published and handled is reported, in one trace.
func busObserved(t *testing.T, db sqldb.DB) {
	var rec observetest.Recorder
	b, s := newBus(t, db, sqlevents.Options{Observer: observe.Observer{Sink: &rec}}), newSink(nil)
	c := subscribe(t, b, "g", s)
	publish(t, b, "1", "2")
	s.wants(t, "1", "2")
	if err := c.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := rec.Total("sqlevents.published"); n != 2 {
		t.Errorf("%d events published", n)
	}
	if n := rec.Total("sqlevents.settled"); n != 2 {
		t.Errorf("%d events settled", n)
	}
	if span, ok := rec.Span("events.handle"); !ok || span.Err != nil {
		t.Errorf("span %+v, %v", span, ok)
	}
}

// busCloses: a subscription that meets Close ends with it or never begins.
func busCloses(t *testing.T, db sqldb.DB) {
	for range 10 {
		b := newBus(t, db, sqlevents.Options{})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				c, err := b.Subscribe(t.Context(), events.Subscription{Types: []string{"a"}, Group: "g"}, func(context.Context, events.Event) error { return nil })
				if err == nil {
					<-c.Closed()
				} else if !errors.Is(err, events.ErrClosed) {
					t.Error(err)
				}
			})
		}
		if err := b.Close(t.Context()); err != nil {
			t.Error(err)
		}
		all.Wait()
	}
}
