package lock_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
)

// waiting is a store that can wait, by a function.
type waiting struct {
	*mapStore
	wait func(ctx context.Context) error
}

func (w waiting) Wait(ctx context.Context, _ string) error { return w.wait(ctx) }

func TestAcquire(t *testing.T) {
	in(t, "waits for release", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		time.AfterFunc(time.Minute, func() { l.Release(context.Background()) })
		began := time.Now()
		next, err := lock.Acquire(t.Context(), s, "n", time.Second)
		if err != nil || next.Fence() <= l.Fence() {
			t.Fatalf("Acquire = %v, %v", next, err)
		}
		if took := time.Since(began); took > time.Minute+lock.DefaultPoll {
			t.Errorf("acquired after %v", took)
		}
		next.Release(t.Context())
	})
	in(t, "waits for expiry", func(t *testing.T, s *mapStore) {
		try(t, t.Context(), s, time.Minute)
		next, err := lock.Acquire(t.Context(), s, "n", time.Second, lock.Poll(100*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		next.Release(t.Context())
	})
	in(t, "leaves", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := lock.Acquire(ctx, s, "n", time.Hour); !errors.Is(err, lock.ErrHeld) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Acquire = %v", err)
		}
		l.Release(t.Context())
	})
	in(t, "is woken", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		var asked atomic.Int64
		s.acquire = func(context.Context) error { asked.Add(1); return nil }
		w := waiting{s, func(context.Context) error { return l.Release(t.Context()) }}
		next, err := lock.Acquire(t.Context(), w, "n", time.Hour)
		if err != nil || asked.Load() != 2 {
			t.Fatalf("Acquire = %v after %d tries", err, asked.Load())
		}
		next.Release(t.Context())
	})
	in(t, "polls where waiting fails", func(t *testing.T, s *mapStore) {
		l := try(t, t.Context(), s, time.Hour)
		time.AfterFunc(time.Minute, func() { l.Release(context.Background()) })
		for _, err := range []error{errDown, errors.ErrUnsupported} {
			var asked atomic.Int64
			s.acquire = func(context.Context) error { asked.Add(1); return nil }
			next, err := lock.Acquire(t.Context(), waiting{s, func(context.Context) error { return err }}, "n", time.Hour)
			if err != nil || asked.Load() > 300 {
				t.Fatalf("Acquire = %v after %d tries", err, asked.Load())
			}
			next.Release(t.Context())
		}
	})
	in(t, "other errors end it", func(t *testing.T, s *mapStore) {
		s.acquire = down
		if _, err := lock.Acquire(t.Context(), s, "n", time.Hour); !errors.Is(err, errDown) {
			t.Errorf("Acquire = %v", err)
		}
	})
}

func TestWith(t *testing.T) {
	with := func(s lock.Store, fn func(context.Context, uint64) error) error {
		return lock.With(context.Background(), s, "n", 30*time.Second, fn)
	}
	in(t, "keeps and releases", func(t *testing.T, s *mapStore) {
		err := with(s, func(ctx context.Context, fence uint64) error {
			time.Sleep(time.Hour)
			if fence != 1 || s.owner("n") == "" {
				t.Errorf("fence %d, owner %q", fence, s.owner("n"))
			}
			return ctx.Err()
		})
		if err != nil || s.owner("n") != "" {
			t.Errorf("With = %v, owner %q", err, s.owner("n"))
		}
	})
	in(t, "error and panic", func(t *testing.T, s *mapStore) {
		boom := errors.New("boom")
		if err := with(s, func(context.Context, uint64) error { return boom }); err != boom || s.owner("n") != "" {
			t.Errorf("With = %v, owner %q", err, s.owner("n"))
		}
		if err := with(s, func(context.Context, uint64) error { panic(boom) }); !errors.Is(err, errs.ErrPanic) || !errors.Is(err, boom) || s.owner("n") != "" {
			t.Errorf("With = %v, owner %q", err, s.owner("n"))
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			with(s, func(context.Context, uint64) error { runtime.Goexit(); return nil })
		}()
		if <-done; s.owner("n") != "" {
			t.Errorf("after Goexit, owner %q", s.owner("n"))
		}
	})
	in(t, "lost", func(t *testing.T, s *mapStore) {
		boom := errors.New("boom")
		for _, want := range []error{nil, boom} {
			s.extend = down
			err := with(s, func(ctx context.Context, _ uint64) error {
				<-ctx.Done()
				if !errors.Is(context.Cause(ctx), lock.ErrLost) {
					t.Errorf("cause %v", context.Cause(ctx))
				}
				return want
			})
			if !errors.Is(err, lock.ErrLost) || want != nil && !errors.Is(err, want) || want == nil && !errors.Is(err, errDown) {
				t.Errorf("With = %v, want ErrLost and %v", err, want)
			}
		}
	})
	in(t, "not released", func(t *testing.T, s *mapStore) {
		s.release = down
		if err := with(s, func(context.Context, uint64) error { return nil }); !errors.Is(err, lock.ErrRelease) || !errors.Is(err, errDown) || strings.Contains(err.Error(), "\n") {
			t.Errorf("With = %v", err)
		}
	})
	in(t, "not acquired", func(t *testing.T, s *mapStore) {
		s.acquire = down
		if err := with(s, func(context.Context, uint64) error { t.Error("fn runs"); return nil }); !errors.Is(err, errDown) {
			t.Errorf("With = %v", err)
		}
	})
}

func TestInfo(t *testing.T) {
	now := time.Now()
	i := lock.Info{ExpiresAt: now.Add(time.Second)}
	if i.Expired(now) || i.Remaining(now) != time.Second || !i.Expired(i.ExpiresAt) || i.Remaining(now.Add(time.Hour)) != 0 {
		t.Errorf("%+v", i)
	}
	if _, err := lock.Inspect(t.Context(), newMapStore(), "n"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Inspect of a store that cannot = %v", err)
	}
}

func TestErrors(t *testing.T) {
	for e, kind := range map[*errs.Error]errs.Kind{
		lock.ErrHeld: errs.Conflict, lock.ErrLost: errs.Conflict, lock.ErrReleased: errs.Canceled, lock.ErrName: errs.Invalid,
		lock.ErrTTL: errs.Invalid, lock.ErrFree: errs.NotFound, lock.ErrFull: errs.Exhausted, lock.ErrRelease: errs.Unavailable,
	} {
		if !errors.Is(e, lock.Err) || errs.KindOf(e) != kind {
			t.Errorf("%v is of kind %v, and of the family: %v", e, errs.KindOf(e), errors.Is(e, lock.Err))
		}
	}
	for ttl, ok := range map[time.Duration]bool{0: false, -1: false, time.Millisecond - 1: false, time.Millisecond: true, 1 << 62: true} {
		if err := lock.CheckTTL(ttl); (err == nil) != ok {
			t.Errorf("CheckTTL(%v) = %v", ttl, err)
		}
	}
}
