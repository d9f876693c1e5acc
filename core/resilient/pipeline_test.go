package resilient_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/resilience/resiliencetest"
	"github.com/lexigram/lexigram-go/core/resilient"
)

func Example() {
	breaker, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "prices", Config: resilience.BreakerConfig{FailureThreshold: 2}})
	if err != nil {
		fmt.Println(err)
		return
	}
	prices, err := resilient.New(resilient.Options{
		Name: "prices", Breaker: breaker, Timeout: time.Second,
		Retry: &resilience.RetryConfig{BaseDelay: time.Millisecond},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		price, err := resilience.Do(context.Background(), prices, func(context.Context) (int, error) {
			fmt.Println("calling")
			return 0, errors.New("connection refused")
		}, resilience.Fallback(func(_ context.Context, err error) (int, error) {
			return 42, nil // yesterday's price
		}))
		fmt.Println(price, err, breaker.State())
	}
	// Output:
	// calling
	// calling
	// 42 <nil> open
	// 42 <nil> open
}

func TestConformance(t *testing.T) {
	bulkhead := resilient.BulkheadOptions{MaxConcurrent: 2}
	for name, open := range map[string]func(t *testing.T) resilience.Policy{
		"nothing": func(t *testing.T) resilience.Policy { return pipeline(t, resilient.Options{}) },
		"all":     func(t *testing.T) resilience.Policy { return stack(t, time.Minute) },
		"bulkhead": func(t *testing.T) resilience.Policy {
			return pipeline(t, resilient.Options{Bulkhead: bulkheadOf(t, bulkhead)})
		},
		"queue": func(t *testing.T) resilience.Policy {
			return pipeline(t, resilient.Options{Bulkhead: bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 2, MaxQueue: 2, MaxWait: time.Millisecond})})
		},
		"breaker": func(t *testing.T) resilience.Policy {
			return pipeline(t, resilient.Options{Breaker: breakerOf(t, resilience.BreakerConfig{SlowCall: time.Minute})})
		},
		"timeout": func(t *testing.T) resilience.Policy { return pipeline(t, resilient.Options{Timeout: time.Minute}) },
		"retry": func(t *testing.T) resilience.Policy {
			return pipeline(t, resilient.Options{Retry: &resilience.RetryConfig{MaxAttempts: 100}})
		},
	} {
		t.Run(name, func(t *testing.T) { resiliencetest.RunPolicy(t, open, resiliencetest.Tick(10*time.Millisecond)) })
	}
}

func TestNewRefuses(t *testing.T) {
	limiter := limiterOf(t, resilience.Rate{Events: 1, Per: time.Second})
	budget, err := resilient.NewBudget(resilient.BudgetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for wrong, o := range map[string]resilient.Options{
		"Name is empty":                                          {},
		"Timeout is negative":                                    {Timeout: -1},
		"Retry.factor is 0.5":                                    {Retry: &resilience.RetryConfig{Factor: 0.5}},
		"Budget is set, and Retry is not":                        {Budget: budget},
		"OnRetry is set, and Retry is not":                       {OnRetry: func(resilient.Retry) {}},
		"HedgeAfter is negative":                                 {HedgeAfter: -1},
		"HedgeCalls is not 0 to 10":                              {HedgeAfter: 1, HedgeCalls: 11},
		"HedgeCalls is set":                                      {HedgeCalls: 2},
		"LimitKey is set":                                        {LimitKey: func(context.Context) string { return "" }},
		"Timeout is negative; 0 is none; HedgeAfter is negative": {Limiter: limiter, Timeout: -1, HedgeAfter: -1},
	} {
		if wrong != "Name is empty" {
			o.Name = "db"
		}
		p, err := resilient.New(o)
		if p != nil || !errors.Is(err, resilience.Err) || !errors.Is(err, errs.ErrValidation) || errs.KindOf(err) != errs.Invalid || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%v, want that %s", err, wrong)
		}
	}
	for wrong, o := range map[string]resilient.BreakerOptions{
		"Name is empty": {}, "Config.probes is negative": {Name: "db", Config: resilience.BreakerConfig{Probes: -1}},
	} {
		b, err := resilient.NewBreaker(o)
		if b != nil || !errors.Is(err, resilience.Err) || !errors.Is(err, errs.ErrValidation) || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%v, want that %s", err, wrong)
		}
	}
}

// TestOrder shows the order that the package documents, one neighbour after the other.
func TestOrder(t *testing.T) {
	rate := resilience.Rate{Events: 1, Per: time.Hour, Burst: 4}
	full := resilient.BulkheadOptions{MaxConcurrent: 1}
	t.Run("fallback, retry", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			_, err := resilience.Do(t.Context(), pipeline(t, resilient.Options{Retry: &plain}), func(context.Context) (int, error) {
				calls++
				return 0, errDown
			}, resilience.Fallback(func(_ context.Context, err error) (int, error) {
				if !errors.Is(err, resilience.ErrExhausted) || calls != 3 {
					t.Errorf("the fallback came after %d calls: %v", calls, err)
				}
				return 0, nil
			}))
			if err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("retry, hedge, breaker", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := breakerOf(t, resilience.BreakerConfig{FailureThreshold: 4})
			p := pipeline(t, resilient.Options{Retry: &plain, HedgeAfter: time.Second, Breaker: b})
			var calls atomic.Int64
			_, err := resilience.DoHedged(t.Context(), p, func(context.Context) (int, error) {
				calls.Add(1)
				time.Sleep(2 * time.Second)
				return 0, errDown
			})
			if calls.Load() != 4 || b.State() != resilient.Open || !errors.Is(err, resilience.ErrOpen) {
				t.Errorf("%d calls, %v: want 2 attempts of 2 calls each, and each seen by the breaker, which refuses the third", calls.Load(), err)
			}
		})
	})
	t.Run("breaker, rate limit", func(t *testing.T) {
		b, l := breakerOf(t, resilience.BreakerConfig{}), limiterOf(t, rate)
		b.ForceOpen()
		do(t, pipeline(t, resilient.Options{Breaker: b, Limiter: l}), 10, works)
		if d, err := l.Allow(t.Context(), "db", 4); err != nil || !d.Allowed {
			t.Errorf("an open circuit costs the rate limit: %+v, %v", d, err)
		}
	})
	t.Run("rate limit, bulkhead", func(t *testing.T) {
		l, b := limiterOf(t, rate), bulkheadOf(t, full)
		p := pipeline(t, resilient.Options{Limiter: l, Bulkhead: b})
		err := do(t, p, 1, func(context.Context) error {
			err := do(t, p, 10, works) // inside a call: the bulkhead is full
			if !errors.Is(err, resilience.ErrLimited) {
				t.Errorf("%v, want the limit to be asked first", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("bulkhead, timeout", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := pipeline(t, resilient.Options{Timeout: time.Second, Bulkhead: bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1, MaxQueue: 1})})
			go func() {
				_ = resilience.Run(t.Context(), p, func(context.Context) error { time.Sleep(5 * time.Second); return nil })
			}()
			synctest.Wait()
			if err := do(t, p, 1, naps(time.Second/2)); err != nil {
				t.Errorf("the wait for a place counts as the call: %v", err)
			}
		})
	})
	t.Run("a retry that waits holds no place", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := bulkheadOf(t, full)
			p := pipeline(t, resilient.Options{Retry: &plain, Bulkhead: b})
			go do(t, p, 1, fails)
			synctest.Wait()
			if running, _ := b.Load(); running != 0 {
				t.Error("it does")
			}
			time.Sleep(time.Minute)
		})
	})
}

// TestObserved: what a pipeline does can be seen, and nobody has to look.
func TestObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &observetest.Recorder{}
		b, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "db", Observer: observe.Observer{Sink: sink}})
		if err != nil {
			t.Fatal(err)
		}
		full := bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1})
		p := pipeline(t, resilient.Options{
			Retry: &plain, Breaker: b, Bulkhead: full, Limiter: limiterOf(t, resilience.Rate{Events: 8, Per: 1000 * time.Hour}), Observer: observe.Observer{Sink: sink},
		})
		do(t, p, 1, func(ctx context.Context) error {
			_ = resilience.Run(ctx, p, works) // the bulkhead is full
			return nil
		})
		do(t, p, 2, fails) // 3 calls, then 2, a refusal
		do(t, p, 1, works) // and another one
		b.Reset()
		do(t, p, 3, works) // one is allowed
		for name, want := range map[string]int64{"resilience.retries": 4, "resilience.refused": 5, "resilience.breaker": 2} {
			if got := sink.Total(name); got != want {
				t.Errorf("%s = %d, want %d", name, got, want)
			}
		}
	})
}
