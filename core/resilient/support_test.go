package resilient_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

var errDown = errors.New("connection refused")

func pipeline(tb testing.TB, o resilient.Options) *resilient.Pipeline {
	tb.Helper()
	if o.Name == "" {
		o.Name = "db"
	}
	p, err := resilient.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func breakerOf(tb testing.TB, c resilience.BreakerConfig) *resilient.Breaker {
	tb.Helper()
	b, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "db", Config: c})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func bulkheadOf(tb testing.TB, o resilient.BulkheadOptions) *resilient.Bulkhead {
	tb.Helper()
	b, err := resilient.NewBulkhead(o)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func limiterOf(tb testing.TB, r resilience.Rate) *resilient.Limiter {
	tb.Helper()
	l, err := resilient.NewLimiter(r)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// fails, works and naps are calls.
func fails(context.Context) error { return errDown }

func works(context.Context) error { return nil }

func naps(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// do makes n calls of fn and returns the error of the last.
func do(tb testing.TB, p resilience.Policy, n int, fn func(context.Context) error) (err error) {
	tb.Helper()
	for range n {
		err = resilience.Run(tb.Context(), p, fn)
	}
	return err
}
