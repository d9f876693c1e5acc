package main

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/fallback"
	"github.com/failsafe-go/failsafe-go/ratelimiter"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"
	"github.com/sony/gobreaker/v2"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

var errWrongResult = errors.New("bench: the call's result was lost")

// noLimit is more calls a second than anybody here makes.
const noLimit = 1_000_000_000

func policiesRow() row {
	return row{
		name: "resilience: a call that succeeds under 5 policies",
		work: "fallback, retry, circuit breaker, rate limit and bulkhead around a call with the caller's context",
		goal: "≤ 300 ns, 0 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 300 && r.ours().Allocs < 0.01 },
		sides: []side{
			{"core/resilient", func(context.Context) (worker, error) { return startPipeline(0, nil) }},
			{"failsafe-go", func(context.Context) (worker, error) { return startFailsafe(failsafeStack()...), nil }},
		},
	}
}

func timeoutRow() row {
	return row{
		name: "resilience: and a timeout",
		work: "the same 5 policies and a timeout; the call looks at its context's Err",
		goal: "≤ 600 ns, ≤ 2 allocs",
		met:  func(r result) bool { return r.ours().Ns <= 600 && r.ours().Allocs < 2.01 },
		sides: []side{
			{"core/resilient", func(context.Context) (worker, error) { return startPipeline(time.Minute, context.Context.Err) }},
			{"core/resilient, a call that takes Done", func(context.Context) (worker, error) { return startPipeline(time.Minute, takesDone) }},
			{"failsafe-go", func(context.Context) (worker, error) {
				return startFailsafe(append(failsafeStack(), timeout.New[int](time.Minute))...), nil
			}},
		},
	}
}

func breakerRow() row {
	return row{
		name: "resilience: circuit breaker alone",
		work: "a call that succeeds under a closed breaker that counts failures in a row and in a window of time",
		goal: "faster than gobreaker, 0 allocs",
		met: func(r result) bool {
			return r.ours().Ns < r.peer("gobreaker").Ns && r.ours().Allocs < 0.01
		},
		sides: []side{
			{"core/resilient", func(context.Context) (worker, error) {
				b, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "x"})
				if err != nil {
					return worker{}, err
				}
				return startPolicy(resilient.Options{Name: "x", Breaker: b}, nil)
			}},
			{"gobreaker", startGobreaker},
			{"failsafe-go", func(context.Context) (worker, error) {
				return startFailsafe(circuitbreaker.NewBuilder[int]().WithFailureRateThreshold(0.5, 10, time.Minute).Build()), nil
			}},
		},
	}
}

func retryRow() row {
	return row{
		name: "resilience: retry alone",
		work: "a call that succeeds at once, and would be made 3 times with exponential waits",
		goal: "faster than backoff, 0 allocs",
		met:  func(r result) bool { return r.ours().Ns < r.peer("cenkalti/backoff").Ns && r.ours().Allocs < 0.01 },
		sides: []side{
			{"core/resilient", func(context.Context) (worker, error) {
				return startPolicy(resilient.Options{Name: "x", Retry: &resilience.RetryConfig{}}, nil)
			}},
			{"cenkalti/backoff", startBackoff},
			{"failsafe-go", func(context.Context) (worker, error) {
				return startFailsafe(retrypolicy.NewBuilder[int]().WithBackoff(time.Second, time.Minute).Build()), nil
			}},
		},
	}
}

func takesDone(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	default:
		return nil
	}
}

// startPipeline makes calls that look at their context under 5 policies, and 6 with a limit of time.
func startPipeline(limit time.Duration, look func(context.Context) error) (worker, error) {
	b, err1 := resilient.NewBreaker(resilient.BreakerOptions{Name: "x"})
	l, err2 := resilient.NewLimiter(resilience.Rate{Events: noLimit, Per: time.Second})
	h, err3 := resilient.NewBulkhead(resilient.BulkheadOptions{MaxConcurrent: 64})
	if err := errors.Join(err1, err2, err3); err != nil {
		return worker{}, err
	}
	return startPolicy(resilient.Options{
		Name: "x", Retry: &resilience.RetryConfig{}, Breaker: b, Limiter: l, Bulkhead: h, Timeout: limit,
	}, look)
}

func startPolicy(o resilient.Options, look func(context.Context) error) (worker, error) {
	p, err := resilient.New(o)
	if err != nil {
		return worker{}, err
	}
	n := 0
	return worker{ops: each(func(ctx context.Context) error {
		n++
		v, err := resilience.Do(ctx, p, func(ctx context.Context) (int, error) {
			if look != nil {
				return n, look(ctx)
			}
			return n, nil
		}, resilience.Fallback(func(context.Context, error) (int, error) { return -1, nil }))
		return same(v, n, err)
	})}, nil
}

func failsafeStack() []failsafe.Policy[int] {
	return []failsafe.Policy[int]{
		fallback.NewWithResult(-1),
		retrypolicy.NewBuilder[int]().WithBackoff(time.Second, time.Minute).Build(),
		circuitbreaker.NewBuilder[int]().WithFailureRateThreshold(0.5, 10, time.Minute).Build(),
		ratelimiter.NewBursty[int](noLimit, time.Second),
		bulkhead.New[int](64),
	}
}

func startFailsafe(policies ...failsafe.Policy[int]) worker {
	executor, n := failsafe.With(policies...), 0
	return worker{ops: each(func(ctx context.Context) error {
		n++
		v, err := executor.WithContext(ctx).GetWithExecution(func(e failsafe.Execution[int]) (int, error) { return n, e.Context().Err() })
		return same(v, n, err)
	})}
}

func startGobreaker(context.Context) (worker, error) {
	b, n := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{Name: "x", Interval: time.Minute, BucketPeriod: 6 * time.Second}), 0
	return worker{ops: each(func(context.Context) error {
		n++
		v, err := b.Execute(func() (int, error) { return n, nil })
		return same(v, n, err)
	})}, nil
}

func startBackoff(context.Context) (worker, error) {
	n := 0
	return worker{ops: each(func(ctx context.Context) error {
		n++
		v, err := backoff.Retry(ctx, func() (int, error) { return n, nil }, backoff.WithMaxTries(3))
		return same(v, n, err)
	})}, nil
}

// same checks that a call returned what it should.
func same(got, want int, err error) error {
	if err == nil && got != want {
		err = errWrongResult
	}
	return err
}
