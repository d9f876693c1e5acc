package memorylock_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/lock/locktest"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorylock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, opts memorylock.Options) *memorylock.Store {
	t.Helper()
	s, err := memorylock.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	locktest.Run(t, func(t *testing.T) lock.Store { return open(t, memorylock.Options{}) }, locktest.Tick(20*time.Millisecond))
}

func TestFenceSurvivesClockSteps(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memorylock.Options{Clock: c})
	var last uint64
	for i, step := range []time.Duration{0, time.Hour, -24 * time.Hour, 365 * 24 * time.Hour, -100 * 365 * 24 * time.Hour, 0} {
		c.Step(step)
		for j := range 3 {
			owner := fmt.Sprint(i, ".", j)
			fence, err := s.Acquire(t.Context(), "n", owner, time.Minute)
			if err != nil || fence <= last || fence >= 1<<53 {
				t.Fatalf("fence %d after %d, stepped by %v: %v", fence, last, step, err)
			}
			last = fence
			if j == 0 {
				c.Advance(time.Minute) // it ends
			} else if err := s.Release(t.Context(), "n", owner); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestFenceGrowsAcrossProcesses(t *testing.T) {
	c := &clocktest.Fake{}
	var last uint64
	for range 3 {
		fence, err := open(t, memorylock.Options{Clock: c}).Acquire(t.Context(), "n", "a", time.Minute)
		if err != nil || fence <= last {
			t.Errorf("fence %d after %d, %v", fence, last, err)
		}
		last = fence
		c.Advance(time.Microsecond)
	}
}

func TestStepsEndNoLease(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memorylock.Options{Clock: c})
	if _, err := s.Acquire(t.Context(), "n", "a", time.Minute); err != nil {
		t.Fatal(err)
	}
	for _, step := range []time.Duration{48 * time.Hour, -96 * time.Hour} {
		c.Step(step)
		if _, err := s.Acquire(t.Context(), "n", "b", time.Minute); !errors.Is(err, lock.ErrHeld) {
			t.Errorf("after a step of %v: %v", step, err)
		}
	}
	c.Advance(time.Minute - 1)
	if _, err := s.Inspect(t.Context(), "n"); err != nil {
		t.Errorf("a nanosecond before the end: %v", err)
	}
	c.Advance(1)
	if _, err := s.Inspect(t.Context(), "n"); !errors.Is(err, lock.ErrFree) {
		t.Errorf("at the end: %v", err)
	}
}

func TestBound(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memorylock.Options{MaxLeases: 10, Clock: c})
	for i := range 10 {
		if _, err := s.Acquire(t.Context(), fmt.Sprint(i), "a", time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Acquire(t.Context(), "one more", "a", time.Minute)
	if !errors.Is(err, lock.ErrFull) || errs.KindOf(err) != errs.Exhausted {
		t.Errorf("Acquire at the bound = %v", err)
	}
	if _, err := s.Acquire(t.Context(), "3", "a", time.Minute); err != nil {
		t.Errorf("a lease that is live can no longer be extended: %v", err)
	}
	c.Advance(time.Minute)
	if _, err := s.Acquire(t.Context(), "one more", "a", time.Minute); err != nil {
		t.Errorf("expired leases fill the store: %v", err)
	}
	for i := range 1000 { // names come once, and are never released
		if _, err := s.Acquire(t.Context(), fmt.Sprint("name", i), "a", time.Second); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Second)
	}
	if n := s.Len(); n > 2 {
		t.Errorf("%d leases are kept, one is live", n)
	}
	if _, err := memorylock.New(memorylock.Options{MaxLeases: -1}); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("New with a negative bound = %v", err)
	}
}

func TestWaitNoticesExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, memorylock.Options{})
		if _, err := s.Acquire(t.Context(), "n", "a", time.Minute); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(30*time.Second, func() {
			if err := s.Extend(context.Background(), "n", "a", time.Hour); err != nil {
				t.Error(err)
			}
		})
		began := time.Now()
		if err := s.Wait(t.Context(), "n"); err != nil || time.Since(began) != time.Hour+30*time.Second {
			t.Errorf("Wait = %v after %v", err, time.Since(began))
		}
	})
}

// TestWaitNoticesASuccessor has another owner at hand when the lease ends.
func TestWaitNoticesASuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, memorylock.Options{})
		if _, err := s.Acquire(t.Context(), "n", "a", time.Minute); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, func() {
			if _, err := s.Acquire(context.Background(), "n", "b", time.Hour); err != nil {
				t.Error(err)
			}
		})
		began := time.Now()
		if err := s.Wait(t.Context(), "n"); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Wait = %v after %v", err, time.Since(began))
		}
	})
}

// TestWithConcurrentSafe has many goroutines count under one lock.
func TestWithConcurrentSafe(t *testing.T) {
	s := open(t, memorylock.Options{})
	var inside, total atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 5 {
				err := lock.With(t.Context(), s, "n", time.Minute, func(context.Context, uint64) error {
					if inside.Add(1) != 1 {
						t.Error("two are inside")
					}
					total.Add(1)
					inside.Add(-1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if total.Load() != 250 || s.Len() != 0 {
		t.Errorf("%d ran, %d leases stay", total.Load(), s.Len())
	}
}

func BenchmarkAcquireRelease(b *testing.B) {
	s, err := memorylock.New(memorylock.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Acquire(ctx, "n", "a", time.Minute); err != nil {
			b.Fatal(err)
		}
		if err := s.Release(ctx, "n", "a"); err != nil {
			b.Fatal(err)
		}
	}
}
