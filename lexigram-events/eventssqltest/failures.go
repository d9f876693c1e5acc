package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// deadLetters returns what Dead yields.
func (b *bench) deadLetters(t *testing.T) (all []outbox.DeadLetter) {
	t.Helper()
	for d, err := range b.box.Dead(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

func poison(t *testing.T, b *bench) {
	var sick atomic.Bool
	sick.Store(true)
	s := newSink(func(_ context.Context, ev events.Event) error {
		if ev.ID == "a1" && sick.Load() {
			return events.ErrPoison.Wrap(nil, "cannot read it")
		}
		return nil
	})
	b.publish(t, event("a1", "a"), event("a2", "a"))
	b.relay(t, s, outbox.RelayOptions{})
	s.wants(t, "a1", "a2")
	until(t, "settled", func() bool { return b.count(t, "status = 2") == 1 && b.count(t, "status = 1") == 1 })
	all := b.deadLetters(t)
	if len(all) != 1 || all[0].Event.ID != "a1" || all[0].Attempts != 1 || !strings.Contains(all[0].Reason, "cannot read it") || !all[0].Time.Equal(b.clock.Now()) {
		t.Fatalf("dead letters: %+v", all)
	}
	if err := b.box.Replay(t.Context(), all[0].ID+1000); !errors.Is(err, outbox.ErrNoLetter) {
		t.Errorf("Replay of an unknown ID = %v, want ErrNoLetter", err)
	}
	sick.Store(false)
	err := b.db.InTx(t.Context(), func(ctx context.Context) error { // the body of the loop runs statements of the transaction
		for d, err := range b.box.Dead(ctx) {
			if err == nil {
				err = b.box.Replay(ctx, d.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wants(t, "a1")
	if err := b.box.Replay(t.Context(), all[0].ID); !errors.Is(err, outbox.ErrNoLetter) {
		t.Errorf("second Replay = %v, want ErrNoLetter", err)
	}
	until(t, "marked", func() bool { return b.count(t, "status = 1") == 2 })
}

// manyDead has more of them than Dead reads at once.
func manyDead(t *testing.T, b *bench) {
	s := newSink(func(context.Context, events.Event) error { return events.ErrPoison })
	var evs []events.Event
	for i := range 250 {
		evs = append(evs, event(fmt.Sprintf("a%03d", i), ""))
	}
	b.publish(t, evs...)
	b.relay(t, s, outbox.RelayOptions{})
	until(t, "settled", func() bool { return b.count(t, "status = 2") == len(evs) })
	all := b.deadLetters(t)
	if len(all) != len(evs) {
		t.Fatalf("%d dead letters of %d", len(all), len(evs))
	}
	for i, d := range all {
		if d.Event.ID != evs[i].ID {
			t.Fatalf("dead letter %d is %s, want %s", i, d.Event.ID, evs[i].ID)
		}
	}
}

func exhausted(t *testing.T, b *bench) {
	s := newSink(func(_ context.Context, ev events.Event) error {
		if ev.ID == "a1" {
			return fmt.Errorf("no\x00 %s", strings.Repeat("ö", 5000))
		}
		return nil
	})
	b.publish(t, event("a1", "a"), event("a2", "a"))
	b.relay(t, s, outbox.RelayOptions{MaxAttempts: 3, RetryBase: time.Minute, RetryCap: time.Minute})
	for i := range 3 {
		s.wants(t, "a1")
		until(t, "recorded", func() bool { return b.count(t, fmt.Sprintf("id = 'a1' AND attempts = %d", i+1)) == 1 })
		b.clock.Advance(time.Minute)
	}
	s.wants(t, "a2")
	if all := b.deadLetters(t); len(all) != 1 || all[0].Attempts != 3 || len(all[0].Reason) > 2000 {
		t.Errorf("dead letters: %+v", all)
	}
}

func closedBus(t *testing.T, b *bench) {
	var open atomic.Bool
	s := newSink(func(context.Context, events.Event) error {
		if !open.Load() {
			return events.ErrClosed.Wrap(nil, "not yet")
		}
		return nil
	})
	b.publish(t, event("a1", "a"))
	b.relay(t, s, outbox.RelayOptions{MaxAttempts: 1})
	for range 3 {
		s.wants(t, "a1")
		until(t, "recorded", func() bool { return b.count(t, "owner = ''") == 1 })
		b.clock.Advance(time.Minute)
	}
	open.Store(true)
	until(t, "marked", func() bool { b.clock.Advance(time.Minute); return b.count(t, "status = 1 AND attempts = 0") == 1 })
}

func panics(t *testing.T, b *bench) {
	var calls atomic.Int32
	s := newSink(func(context.Context, events.Event) error {
		if calls.Add(1) == 1 {
			panic("ouch")
		}
		return nil
	})
	b.publish(t, event("a1", "a"))
	b.relay(t, s, outbox.RelayOptions{})
	until(t, "recorded", func() bool { return b.count(t, "attempts = 1 AND reason LIKE '%ouch%'") == 1 })
	b.clock.Advance(time.Hour)
	until(t, "marked", func() bool { return b.count(t, "status = 1") == 1 })
}

// flaky is a database whose writes fail while broken is set.
type flaky struct {
	sqldb.DB
	broken atomic.Bool
	failed atomic.Int32
}

var errFlaky = errors.New("connection lost")

func (f *flaky) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if f.broken.Load() {
		f.failed.Add(1)
		return 0, errFlaky
	}
	return f.DB.Exec(ctx, sql, args...)
}

// A relay that drains over a database that is gone, such as one whose disk is
// full, gives up after a few tries and says what was not marked.
func drainOverBroken(t *testing.T, b *bench) {
	db := &flaky{DB: b.db}
	reply, release := blocking()
	s := newSink(reply)
	b.publish(t, event("a1", "a"), event("b1", "b"))
	r := b.relayOn(t, db, s, outbox.RelayOptions{})
	s.next(t)
	s.next(t)
	db.broken.Store(true)
	release()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := r.Drain(ctx)
	if ctx.Err() != nil || !errors.Is(err, events.Err) || !strings.Contains(err.Error(), "2 events were sent and could not be marked") {
		t.Fatalf("Drain = %v, want that two events were not marked", err)
	}
	db.broken.Store(false)
	again := newSink(nil)
	b.relay(t, again, outbox.RelayOptions{ReclaimOnStart: true})
	again.next(t)
	again.next(t)
	until(t, "marked", func() bool { return b.count(t, "status = 1") == 2 })
}

func faults(t *testing.T, b *bench) {
	db := &flaky{DB: b.db}
	reply, release := blocking()
	s := newSink(reply)
	b.publish(t, event("a1", "a"), event("b1", "b"))
	b.relayOn(t, db, s, outbox.RelayOptions{})
	s.next(t)
	s.next(t)
	db.broken.Store(true)
	release() // what was sent cannot be marked now
	until(t, "marking fails", func() bool { return db.failed.Load() >= 2 })
	db.broken.Store(false)
	until(t, "marked", func() bool { return b.count(t, "status = 1") == 2 })
	s.silent(t) // nothing was sent twice
}
