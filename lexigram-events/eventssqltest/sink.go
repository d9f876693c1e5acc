package eventssqltest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A sink is a publisher that tells what it gets.
type sink struct {
	got   chan events.Event
	reply func(ctx context.Context, ev events.Event) error // nil takes everything
}

func newSink(reply func(ctx context.Context, ev events.Event) error) *sink {
	return &sink{got: make(chan events.Event, 4096), reply: reply}
}

func (s *sink) Publish(ctx context.Context, evs ...events.Event) error {
	for _, ev := range evs {
		s.got <- ev
		if s.reply == nil {
			continue
		}
		if err := s.reply(ctx, ev); err != nil {
			return err
		}
	}
	return nil
}

// next returns the next event that the sink gets.
func (s *sink) next(t *testing.T) events.Event {
	t.Helper()
	select {
	case ev := <-s.got:
		return ev
	case <-time.After(patience):
		t.Fatalf("no event within %v", patience)
		panic("unreachable")
	}
}

// wants fails unless the next events have these IDs, in order.
func (s *sink) wants(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if ev := s.next(t); ev.ID != id {
			t.Fatalf("got event %q, want %q", ev.ID, id)
		}
	}
}

// silent fails if an event is there that nobody took.
func (s *sink) silent(t *testing.T) {
	t.Helper()
	select {
	case ev := <-s.got:
		t.Fatalf("got event %q, want none", ev.ID)
	default:
	}
}

// blocking replies after release, or with the cause of ctx.
func blocking() (reply func(context.Context, events.Event) error, release func()) {
	ch := make(chan struct{})
	return func(ctx context.Context, _ events.Event) error {
		select {
		case <-ch:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}, sync.OnceFunc(func() { close(ch) })
}
