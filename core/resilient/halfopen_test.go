package resilient_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

// TestHalfOpenLetsProbesThrough: the original let 50 of 50 through.
func TestHalfOpenLetsProbesThrough(t *testing.T) {
	for _, probes := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			b, p := in(t, resilience.BreakerConfig{Probes: probes, SuccessThreshold: 3})
			b.ForceOpen()
			time.Sleep(time.Minute)
			var through, refused atomic.Int64
			begin := time.Now()
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					err := resilience.Run(t.Context(), p, func(ctx context.Context) error {
						through.Add(1)
						return naps(time.Second)(ctx)
					})
					if errors.Is(err, resilience.ErrOpen) {
						refused.Add(1)
						if time.Since(begin) != 0 {
							t.Error("a call waited to be refused")
						}
					}
				})
			}
			wg.Wait()
			if through.Load() != int64(probes) || refused.Load() != int64(50-probes) {
				t.Errorf("%d of 50 went through and %d were refused, want %d and the rest", through.Load(), refused.Load(), probes)
			}
		})
	}
}

func TestSuccessesClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{})
		do(t, p, 5, fails)
		time.Sleep(time.Minute - 1)
		if err := do(t, p, 1, works); !errors.Is(err, resilience.ErrOpen) {
			t.Errorf("before OpenFor: %v", err)
		}
		time.Sleep(1)
		do(t, p, 2, works)
		is(t, b, resilient.HalfOpen)
		do(t, p, 1, works)
		is(t, b, resilient.Closed)
	})
}

func TestOneFailureOpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{})
		do(t, p, 5, fails)
		time.Sleep(time.Minute)
		do(t, p, 2, works)
		do(t, p, 1, fails)
		is(t, b, resilient.Open)
		time.Sleep(time.Minute - 1) // the timer is fresh
		if err := do(t, p, 1, works); !errors.Is(err, resilience.ErrOpen) {
			t.Errorf("before OpenFor: %v", err)
		}
		time.Sleep(1)
		do(t, p, 2, works) // and so is the count
		is(t, b, resilient.HalfOpen)
	})
}

// TestRecoveryForgetsFailures: in the original the rate counted the whole
// lifetime, so that after a recovery one failure opened the circuit again.
func TestRecoveryForgetsFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{MinCalls: 5, OpenFor: time.Second, Window: time.Hour})
		do(t, p, 5, fails)
		time.Sleep(time.Second)
		do(t, p, 3, works)
		is(t, b, resilient.Closed)
		do(t, p, 4, fails)
		is(t, b, resilient.Closed)
	})
}
