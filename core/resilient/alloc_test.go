package resilient_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

// stack is a pipeline of all policies; a rate limit that is never reached.
func stack(tb testing.TB, timeout time.Duration) *resilient.Pipeline {
	tb.Helper()
	breaker, err1 := resilient.NewBreaker(resilient.BreakerOptions{Name: "db"})
	limiter, err2 := resilient.NewLimiter(resilience.Rate{Events: 1e9, Per: time.Second})
	bulkhead, err3 := resilient.NewBulkhead(resilient.BulkheadOptions{MaxConcurrent: 64})
	budget, err4 := resilient.NewBudget(resilient.BudgetOptions{})
	p, err5 := resilient.New(resilient.Options{
		Name: "db", Retry: &resilience.RetryConfig{}, Budget: budget, HedgeAfter: time.Hour,
		Breaker: breaker, Limiter: limiter, Bulkhead: bulkhead, Timeout: timeout,
	})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		tb.Fatal(err)
	}
	return p
}

func TestAllocations(t *testing.T) {
	for name, tc := range map[string]struct {
		timeout time.Duration
		done    bool // the call asks for its context's Done
		want    float64
	}{
		"without timeout":     {0, true, 0},
		"with timeout":        {time.Hour, false, 1},
		"with timeout, armed": {time.Hour, true, 7},
	} {
		p := stack(t, tc.timeout)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sum := 0
		got := testing.AllocsPerRun(1000, func() {
			n, err := resilience.Do(ctx, p, func(ctx context.Context) (int, error) {
				if tc.done && ctx.Done() == nil {
					return 0, errors.New("no Done")
				}
				return sum + 1, ctx.Err()
			}, resilience.Fallback(func(context.Context, error) (int, error) { return sum, nil }))
			if err != nil || n != sum+1 {
				t.Fatal(n, err)
			}
			sum = n
		})
		if got > tc.want {
			t.Errorf("%s: %v allocations, want at most %v", name, got, tc.want)
		}
	}
}

// TestRefusalAllocations: while a dependency is down, refusing is all there is to do.
func TestRefusalAllocations(t *testing.T) {
	b := breakerOf(t, resilience.BreakerConfig{})
	p := pipeline(t, resilient.Options{Breaker: b})
	b.ForceOpen()
	got := testing.AllocsPerRun(1000, func() {
		if err := resilience.Run(t.Context(), p, works); err == nil {
			t.Error("an open circuit let a call through")
		}
	})
	if got > 1 {
		t.Errorf("%v allocations, want the error alone", got)
	}
}

func BenchmarkDo(b *testing.B) {
	for name, timeout := range map[string]time.Duration{"5 policies": 0, "and timeout": time.Hour} {
		b.Run(name, func(b *testing.B) {
			p, ctx := stack(b, timeout), context.Background()
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				v, err := resilience.Do(ctx, p, func(context.Context) (int, error) { return n + 1, nil },
					resilience.Fallback(func(context.Context, error) (int, error) { return n, nil }))
				if err != nil {
					b.Fatal(err)
				}
				n = v
			}
		})
	}
}
