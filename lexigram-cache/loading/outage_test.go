package loading_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// A resender loses the answer to each Create, and sends it again, as clients do.
type resender struct{ *full }

func (s resender) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.full.Create(ctx, key, value, ttl); err != nil {
		return err
	}
	return s.full.Create(ctx, key, value, ttl)
}

// TestOwnLeaseIsNotInTheWay of who put it there.
func TestOwnLeaseIsNotInTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[int](t, resender{newFull()}, loading.Options{TTL: time.Hour, SoftTTL: time.Minute, Lease: time.Hour})
		var calls atomic.Int64
		began := time.Now()
		if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 1 || err != nil || time.Since(began) > 1100*time.Millisecond {
			t.Errorf("Fetch = %d, %v after %v", v, err, time.Since(began))
		}
		time.Sleep(2 * time.Minute)
		fill(t, c, "k", 0)
		time.Sleep(time.Second)
		if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 0 || err != nil {
			t.Errorf("Fetch after the refresh = %d, %v", v, err)
		}
	})
}

// An unsure store does what it is asked to, and says that it does not know.
type unsure struct {
	*full
	works bool
}

var errTimeout = errors.New("i/o timeout")

func (s *unsure) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.full.Create(ctx, key, value, ttl); err != nil || s.works {
		return err
	}
	return errTimeout
}

// TestUnsureLeaseIsLetGo, so that nobody waits for its end.
func TestUnsureLeaseIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &unsure{full: newFull()}
		c := newCache[int](t, s, loading.Options{Lease: time.Hour})
		var calls atomic.Int64
		if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 1 || err != nil {
			t.Errorf("Fetch = %d, %v", v, err)
		}
		synctest.Wait()
		s.works = true
		began := time.Now()
		if v, err := c.Fetch(t.Context(), "k", counted(&calls)); v != 2 || err != nil || time.Since(began) > 1100*time.Millisecond {
			t.Errorf("Fetch afterwards = %d, %v after %v", v, err, time.Since(began))
		}
	})
}

// TestLeaseOfNobodyIsLetGo: all have left when the store grants it.
func TestLeaseOfNobodyIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFull()
		s.after = func(op, _ string) {
			if op == "create" {
				time.Sleep(time.Minute)
			}
		}
		c := newCache[int](t, s, loading.Options{Lease: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Fetch(ctx, "k", never[int](t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Fetch = %v", err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if len(s.entries) != 0 {
			t.Errorf("the store has %v", s.entries)
		}
	})
}

// A hanging store answers nothing from some time on.
type hanging struct {
	*full
	hangs atomic.Bool
}

func (s *hanging) wait(ctx context.Context) error {
	if !s.hangs.Load() {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (s *hanging) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	return errors.Join(s.wait(ctx), s.full.Swap(ctx, key, old, value, ttl))
}

func (s *hanging) Remove(ctx context.Context, key string, old []byte) error {
	return errors.Join(s.wait(ctx), s.full.Remove(ctx, key, old))
}

// TestHangingStoreHoldsNobodyUpForLong: a value that was loaded is returned
// although it cannot be kept.
func TestHangingStoreHoldsNobodyUpForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &hanging{full: newFull()}
		c := newCache[int](t, s, loading.Options{})
		began := time.Now()
		v, err := c.Fetch(t.Context(), "k", func(context.Context, string) (int, error) { s.hangs.Store(true); return 1, nil })
		if v != 1 || err != nil || time.Since(began) > 3*time.Second {
			t.Errorf("Fetch = %d, %v after %v", v, err, time.Since(began))
		}
	})
}
