package projection

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/mapstore"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

// A oneLock is a store of one lease.
type oneLock struct {
	mu    sync.Mutex
	owner string
	until time.Time
	fence uint64
	lose  bool // Extend says that the lease is lost
}

var _ lock.Store = (*oneLock)(nil)

func (l *oneLock) Acquire(_ context.Context, _, owner string, ttl time.Duration) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner != "" && l.owner != owner && time.Now().Before(l.until) {
		return 0, lock.ErrHeld
	}
	l.owner, l.until, l.fence = owner, time.Now().Add(ttl), l.fence+1
	return l.fence, nil
}

func (l *oneLock) Extend(_ context.Context, _, owner string, ttl time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lose || l.owner != owner {
		l.owner, l.lose = "", false
		return lock.ErrLost
	}
	l.until = time.Now().Add(ttl)
	return nil
}

func (l *oneLock) Release(_ context.Context, _, owner string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.owner == owner {
		l.owner = ""
	}
	return nil
}

// TestLock has two processes follow one projection over a store of state, one
// at a time; the lease is lost, and one of them drains: each event is handled once.
func TestLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, store, m, l := memoryeventstore.New(), mapstore.New(), newModel(), &oneLock{}
		def := m.projection(1)
		plain := def.Handle
		def.Handle = func(ctx context.Context, g Generation, rec eventstore.Recorded) error {
			time.Sleep(time.Second)
			if ctx.Err() != nil { // the lease was lost, or the process stopped
				return context.Cause(ctx)
			}
			return plain(ctx, g, rec)
		}
		first := start(t, projector(t, log, store, Options{Lock: l, Batch: 1}, def))
		second := start(t, projector(t, log, store, Options{Lock: l, Batch: 1}, def))
		at := appendTo(t, log, "1", "2")
		if err := second.WaitFor(t.Context(), "orders", at); err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		l.lose = true
		l.mu.Unlock()
		time.Sleep(time.Minute)
		at = appendTo(t, log, "3")
		if err := second.WaitFor(t.Context(), "orders", at); err != nil {
			t.Fatal(err)
		}
		at = appendTo(t, log, "4", "5", "6")
		synctest.Wait()
		if err := first.Drain(t.Context()); err != nil { // in the middle of one, if it is the one
			t.Error(err)
		}
		if err := second.WaitFor(t.Context(), "orders", at); err != nil || m.of(1) != "1 2 3 4 5 6" {
			t.Errorf("%v: handled are %q", err, m.of(1))
		}
	})
}
