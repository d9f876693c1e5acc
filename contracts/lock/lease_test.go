package lock_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
)

// in runs a test in a bubble, where waiting takes no time.
func in(t *testing.T, name string, test func(t *testing.T, s *mapStore)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newMapStore()) })
	})
}

func try(t *testing.T, ctx context.Context, s lock.Store, ttl time.Duration) *lock.Lease {
	t.Helper()
	l, err := lock.TryAcquire(ctx, s, "n", ttl)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var errDown = errors.New("store is down")

func down(context.Context) error { return errDown }

func TestLease(t *testing.T) {
	in(t, "context ends at 9/10 of the ttl", func(t *testing.T, s *mapStore) {
		s.acquire = func(context.Context) error { time.Sleep(time.Second); return nil } // counts
		began := time.Now()
		l := try(t, t.Context(), s, 10*time.Second)
		<-l.Context().Done()
		if took := time.Since(began); took != 9*time.Second || !errors.Is(context.Cause(l.Context()), lock.ErrLost) {
			t.Errorf("ended after %v with cause %v", took, context.Cause(l.Context()))
		}
		if err := l.Extend(t.Context(), time.Minute); !errors.Is(err, lock.ErrLost) {
			t.Errorf("Extend after the end = %v", err)
		}
		if err := l.Release(t.Context()); err != nil || s.owner("n") != "" {
			t.Errorf("Release = %v, owner %q", err, s.owner("n"))
		}
	})
	in(t, "extend", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, 10*time.Second)
		time.Sleep(8 * time.Second)
		if err := l.Extend(t.Context(), 10*time.Second); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * time.Second)
		if l.Context().Err() != nil || l.Name() != "n" || l.Fence() != 1 {
			t.Error("a lease that was extended ended at its first end")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if l.Context().Err() == nil {
			t.Error("a lease that was extended never ends")
		}
	})
	in(t, "extend to sooner", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		if err := l.Extend(t.Context(), 10*time.Second); err != nil {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if l.Context().Err() == nil {
			t.Error("the context outlives the lease")
		}
	})
	in(t, "extend with unknown outcome", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		s.extend = down
		if err := l.Extend(t.Context(), 10*time.Second); !errors.Is(err, errDown) || errors.Is(err, lock.ErrLost) {
			t.Fatal(err)
		}
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if l.Context().Err() == nil {
			t.Error("the store may have taken the shorter ttl, and the context goes on")
		}
	})
	in(t, "extend that takes too long", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, 10*time.Second)
		s.extend = func(context.Context) error { time.Sleep(9 * time.Second); return nil }
		if err := l.Extend(t.Context(), 10*time.Second); !errors.Is(err, lock.ErrLost) {
			t.Errorf("Extend that ended after the lease = %v", err)
		}
	})
	in(t, "extend learns of the loss", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, 10*time.Second)
		clear(s.leases) // the store lost its data
		if err := l.Extend(t.Context(), time.Minute); !errors.Is(err, lock.ErrLost) || !errors.Is(context.Cause(l.Context()), lock.ErrLost) {
			t.Errorf("Extend = %v, cause %v", err, context.Cause(l.Context()))
		}
	})
	in(t, "extend waits its turn and leaves", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		s.extend = func(context.Context) error { time.Sleep(time.Minute); return nil }
		go l.Extend(t.Context(), time.Hour)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Extend(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Extend = %v", err)
		}
		time.Sleep(time.Hour)
	})
	in(t, "parent", func(t *testing.T, s *mapStore) {
		cause := errors.New("shutdown")
		ctx, cancel := context.WithCancelCause(t.Context())
		l := try(t, ctx, s, time.Minute)
		cancel(cause)
		if context.Cause(l.Context()) != cause {
			t.Errorf("cause %v", context.Cause(l.Context()))
		}
		if err := l.Release(ctx); err != nil || s.owner("n") != "" { // with a context that has ended
			t.Errorf("Release = %v, owner %q", err, s.owner("n"))
		}
	})
	in(t, "release", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Minute)
		s.release = func(ctx context.Context) error { time.Sleep(2 * time.Second); return context.Cause(ctx) }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Release(ctx); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(context.Cause(l.Context()), lock.ErrReleased) {
			t.Errorf("Release by a store that hangs = %v, cause %v", err, context.Cause(l.Context()))
		}
		s.release = nil
		if err := errors.Join(l.Release(ctx), l.Release(t.Context())); err != nil || s.owner("n") != "" {
			t.Errorf("Release again = %v, owner %q", err, s.owner("n"))
		}
	})
	in(t, "a very long ttl", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, math.MaxInt64)
		if err := l.Extend(t.Context(), math.MaxInt64); err != nil || l.Context().Err() != nil {
			t.Error(err, l.Context().Err())
		}
		l.Release(t.Context())
	})
}

func TestTryAcquire(t *testing.T) {
	in(t, "held", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Minute)
		if _, err := lock.TryAcquire(t.Context(), s, "n", time.Minute); !errors.Is(err, lock.ErrHeld) || errs.KindOf(err) != errs.Conflict {
			t.Errorf("TryAcquire = %v", err)
		}
		l.Release(t.Context())
	})
	in(t, "unknown outcome", func(t *testing.T, s *mapStore) {
		s.after = errDown
		if l, err := lock.TryAcquire(t.Context(), s, "n", time.Minute); l != nil || !errors.Is(err, errDown) {
			t.Errorf("TryAcquire = %v, %v", l, err)
		}
		if s.owner("n") != "" {
			t.Error("what may have been acquired was not released")
		}
		s.release = func(context.Context) error { return errors.New("still down") }
		_, err := lock.TryAcquire(t.Context(), s, "n", time.Minute)
		if !errors.Is(err, errDown) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "still down") {
			t.Errorf("TryAcquire = %v", err)
		}
	})
	in(t, "too slow", func(t *testing.T, s *mapStore) {
		s.acquire = func(context.Context) error { time.Sleep(time.Second); return nil }
		if _, err := lock.TryAcquire(t.Context(), s, "n", time.Second); !errors.Is(err, lock.ErrLost) || s.owner("n") != "" {
			t.Errorf("TryAcquire = %v, owner %q", err, s.owner("n"))
		}
	})
	in(t, "arguments", func(t *testing.T, s *mapStore) {
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		for want, acquire := range map[error]func() (*lock.Lease, error){
			lock.ErrName:     func() (*lock.Lease, error) { return lock.TryAcquire(gone, s, "", time.Minute) },
			lock.ErrTTL:      func() (*lock.Lease, error) { return lock.TryAcquire(gone, s, "n", time.Microsecond) },
			context.Canceled: func() (*lock.Lease, error) { return lock.TryAcquire(gone, s, "n", time.Minute) },
		} {
			if _, err := acquire(); !errors.Is(err, want) || len(s.leases) > 0 {
				t.Errorf("TryAcquire = %v, want %v", err, want)
			}
		}
		for want, opt := range map[error]lock.Option{lock.ErrName: lock.Owner(strings.Repeat("x", 901)), lock.ErrTTL: lock.Poll(0)} {
			if _, err := lock.TryAcquire(t.Context(), s, "n", time.Minute, opt); !errors.Is(err, want) {
				t.Errorf("TryAcquire = %v, want %v", err, want)
			}
			if _, err := lock.Acquire(t.Context(), s, "n", time.Minute, opt); !errors.Is(err, want) {
				t.Errorf("Acquire = %v, want %v", err, want)
			}
		}
		l, err := lock.TryAcquire(t.Context(), s, "n", time.Minute, lock.Owner("worker-3"))
		if err != nil || !strings.HasPrefix(s.owner("n"), "worker-3/") || len(s.owner("n")) < 20 {
			t.Errorf("owner %q, %v", s.owner("n"), err)
		}
		l.Release(t.Context())
	})
}

func TestKeep(t *testing.T) {
	in(t, "extends", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, 30*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := l.Keep(ctx); err != nil || l.Context().Err() != nil {
			t.Errorf("Keep = %v, the lease %v", err, context.Cause(l.Context()))
		}
		l.Release(t.Context())
	})
	in(t, "survives an outage", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, 30*time.Second)
		up := time.Now().Add(25 * time.Second)
		s.extend = func(ctx context.Context) error {
			if time.Now().Before(up) {
				return errDown
			}
			return nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := l.Keep(ctx); err != nil {
			t.Errorf("Keep = %v", err)
		}
		l.Release(t.Context())
	})
	in(t, "says why it was lost", func(t *testing.T, s *mapStore) {
		began := time.Now()
		l := try(t, t.Context(), s, 30*time.Second)
		s.extend = func(ctx context.Context) error { <-ctx.Done(); return errDown } // hangs
		if err := l.Keep(t.Context()); !errors.Is(err, lock.ErrLost) || !errors.Is(err, errDown) || time.Since(began) > 30*time.Second {
			t.Errorf("Keep = %v after %v", err, time.Since(began))
		}
	})
	in(t, "ends with release", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, 30*time.Second)
		time.AfterFunc(time.Hour, func() { l.Release(context.Background()) })
		if err := l.Keep(t.Context()); err != nil {
			t.Errorf("Keep = %v", err)
		}
	})
}
