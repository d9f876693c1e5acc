package resilient_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

// plain waits 1 s, 2 s, 4 s …
var plain = resilience.RetryConfig{Jitter: resilience.NoJitter}

// busy is a failure with a Retry-After.
type busy struct{ after time.Duration }

func (busy) Error() string               { return "busy" }
func (b busy) RetryAfter() time.Duration { return b.after }

func TestRetry(t *testing.T) {
	unavailable := errs.New("", errs.Unavailable, "unavailable")
	notFound := errs.New("", errs.NotFound, "no such row")
	with := func(change func(*resilience.RetryConfig)) resilience.RetryConfig {
		c := plain
		change(&c)
		return c
	}
	for name, tc := range map[string]struct {
		config resilience.RetryConfig
		fails  []error       // of each call; then they work
		calls  int           // in all
		took   time.Duration // until Do returns
		reason string        // of a RetryExhaustedError; "" for none
		bare   bool          // the error is the last one as it was
	}{
		"works":                {plain, nil, 1, 0, "", false},
		"works the third time": {plain, []error{errDown, unavailable}, 3, 3 * time.Second, "", false},
		"no attempts left":     {plain, []error{errDown, errDown, errDown}, 3, 3 * time.Second, "no attempts left", false},
		"one attempt":          {with(func(c *resilience.RetryConfig) { c.MaxAttempts = 1 }), []error{errDown}, 1, 0, "no attempts left", false},
		// Attempts are looked at first, whatever the error is.
		"the last is not worth one":       {plain, []error{errDown, errDown, notFound}, 3, 3 * time.Second, "no attempts left", false},
		"not worth another":               {plain, []error{errDown, notFound}, 2, time.Second, "", true},
		"of a timeout":                    {plain, []error{resilience.ErrTimeout.Wrap(nil, "db")}, 2, time.Second, "", false},
		"of a deadline of the dependency": {plain, []error{context.DeadlineExceeded, context.Canceled}, 3, 3 * time.Second, "", false},
		"an open circuit":                 {plain, []error{resilience.ErrOpen}, 1, 0, "", true},
		"a full bulkhead":                 {plain, []error{resilience.ErrFull}, 1, 0, "", true},
		"a limit":                         {plain, []error{resilience.ErrLimited}, 1, 0, "", true},
		"RetryIf": {with(func(c *resilience.RetryConfig) {
			c.RetryIf = func(err error) bool { return errors.Is(err, notFound) }
		}), []error{notFound, unavailable}, 2, time.Second, "", true},
		"Retry-After":                 {plain, []error{busy{10 * time.Second}, busy{time.Millisecond}}, 3, 12 * time.Second, "", false},
		"Retry-After over MaxDelay":   {plain, []error{busy{2 * time.Minute}}, 1, 0, "asked to wait 2m0s", false},
		"Retry-After that is no time": {plain, []error{busy{-time.Second}}, 2, time.Second, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := pipeline(t, resilient.Options{Retry: &tc.config})
				calls, begin := 0, time.Now()
				err := do(t, p, 1, func(context.Context) error {
					if calls++; calls <= len(tc.fails) {
						return tc.fails[calls-1]
					}
					return nil
				})
				if took := time.Since(begin); calls != tc.calls || took != tc.took {
					t.Errorf("%d calls in %v, want %d in %v", calls, took, tc.calls, tc.took)
				}
				e, exhausted := errors.AsType[*resilience.RetryExhaustedError](err)
				switch {
				case exhausted != (tc.reason != ""):
					t.Errorf("err = %v", err)
				case exhausted && (e.Reason != tc.reason || e.Attempts != tc.calls || e.Err != tc.fails[calls-1]):
					t.Errorf("err = %+v", *e)
				case tc.bare && err != tc.fails[calls-1]:
					t.Errorf("err = %v, want the last one as it was", err)
				case !exhausted && !tc.bare && err != nil:
					t.Error(err)
				}
			})
		})
	}
}

func TestPanicIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Retry: &plain})
		calls := 0
		err := do(t, p, 1, func(context.Context) error {
			if calls++; calls == 1 {
				panic("boom")
			}
			return nil
		})
		if err != nil || calls != 2 {
			t.Errorf("%v after %d calls", err, calls)
		}
	})
}

func TestCallersEndIsNotRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("the caller left")
		p := pipeline(t, resilient.Options{Retry: &plain})
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		err := resilience.Run(ctx, p, func(ctx context.Context) error { calls++; cancel(cause); return ctx.Err() })
		if calls != 1 || err != context.Canceled {
			t.Errorf("a caller that left during the call: %v after %d calls", err, calls)
		}
		err = resilience.Run(ctx, p, func(context.Context) error { calls++; return nil })
		if calls != 1 || !errors.Is(err, cause) || !errors.Is(err, resilience.Err) {
			t.Errorf("a caller that has left: %v after %d calls", err, calls)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second/2, func() { cancel(cause) })
		begin := time.Now()
		err = resilience.Run(ctx, p, fails)
		if took := time.Since(begin); took != time.Second/2 || !errors.Is(err, cause) || !errors.Is(err, errDown) {
			t.Errorf("a caller that left during the wait: %v after %v", err, took)
		}
	})
}

// TestNoRetryWithoutTime: waiting for an attempt that the caller's deadline does
// not allow would only make the failure slow.
func TestNoRetryWithoutTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Retry: &plain})
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		begin := time.Now()
		err := resilience.Run(ctx, p, fails)
		e, ok := errors.AsType[*resilience.RetryExhaustedError](err)
		if took := time.Since(begin); !ok || e.Reason != "no time left" || e.Attempts != 2 || took != time.Second {
			t.Errorf("%v after %v, want that no time is left after 1s", err, took)
		}
	})
}

func TestRetryThatIsAskedForIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breakerOf(t, resilience.BreakerConfig{OpenFor: 30 * time.Second})
		p := pipeline(t, resilient.Options{Breaker: b, Retry: &resilience.RetryConfig{
			Jitter: resilience.NoJitter, RetryIf: func(err error) bool { return errors.Is(err, resilience.ErrOpen) },
		}})
		b.ForceOpen()
		begin := time.Now()
		if err := do(t, p, 1, works); err != nil || time.Since(begin) != 30*time.Second {
			t.Errorf("%v after %v, want a probe when the circuit allows it", err, time.Since(begin))
		}
	})
}

func TestOnRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []resilient.Retry
		p := pipeline(t, resilient.Options{Retry: &plain, OnRetry: func(r resilient.Retry) { told = append(told, r) }})
		do(t, p, 1, fails)
		if len(told) != 2 || told[0].Attempts != 1 || told[1].Attempts != 2 || told[1].Wait != 2*time.Second || told[1].Err != errDown || told[1].Context == nil {
			t.Errorf("told %+v", told)
		}
	})
}

// TestBudgetIsShared: two pipelines of one dependency that is down make few
// calls more than without retries.
func TestBudgetIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget, err := resilient.NewBudget(resilient.BudgetOptions{Burst: 10, Ratio: 0.1, PerSecond: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		quick := resilience.RetryConfig{BaseDelay: time.Nanosecond, Jitter: resilience.NoJitter, MaxAttempts: 5}
		read := pipeline(t, resilient.Options{Name: "read", Retry: &quick, Budget: budget})
		write := pipeline(t, resilient.Options{Name: "write", Retry: &quick, Budget: budget})
		calls := 0
		down := func(context.Context) error { calls++; return errDown }
		do(t, read, 100, down)
		err = do(t, write, 100, down)
		if calls != 210 {
			t.Errorf("200 operations made %d calls, want 10 retries", calls)
		}
		if e, ok := errors.AsType[*resilience.RetryExhaustedError](err); !ok || !strings.Contains(e.Reason, "budget") || e.Attempts != 1 {
			t.Errorf("%v, want that the budget is spent", err)
		}
		calls = 0
		do(t, read, 50, works) // worth 5 retries
		do(t, write, 100, down)
		if calls != 105 {
			t.Errorf("after 50 successes 100 operations made %d calls, want 105", calls)
		}
		calls = 0
		time.Sleep(30 * time.Second) // worth 3
		do(t, read, 100, down)
		if calls != 103 {
			t.Errorf("after 30 s 100 operations made %d calls, want 103", calls)
		}
		calls = 0
		time.Sleep(1000 * time.Hour) // worth no more than Burst
		do(t, read, 100, down)
		if calls != 110 {
			t.Errorf("after a long time 100 operations made %d calls, want 110", calls)
		}
	})
}

// TestBudgetAgesUnderLoad: time adds as much when calls fail faster than it adds a
// millionth of a retry.
func TestBudgetAgesUnderLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		budget, err := resilient.NewBudget(resilient.BudgetOptions{Burst: 1, PerSecond: 1e-3, Ratio: 1e-6})
		if err != nil {
			t.Fatal(err)
		}
		quick := resilience.RetryConfig{MaxAttempts: 2, BaseDelay: 1, MaxDelay: 1}
		p := pipeline(t, resilient.Options{Name: "x", Retry: &quick, Budget: budget})
		calls := 0
		call := func(context.Context) error { calls++; return errDown }
		_ = resilience.Run(t.Context(), p, call) // spends it
		time.Sleep(990 * time.Second)
		for range 12_500 { // 11 s
			_ = resilience.Run(t.Context(), p, call)
			time.Sleep(900 * time.Microsecond)
		}
		if retries := calls - 12_501; retries != 2 {
			t.Errorf("%d retries, want one of the burst and one of 1,000 s", retries)
		}
	})
}

func TestBudgetRefuses(t *testing.T) {
	for wrong, o := range map[string]resilient.BudgetOptions{
		"Ratio": {Ratio: -1}, "Ratio is not": {Ratio: math.NaN()}, "Ratio is": {Ratio: 2},
		"PerSecond": {PerSecond: -1}, "PerSecond is": {PerSecond: math.Inf(1)}, "Burst": {Burst: -1},
	} {
		b, err := resilient.NewBudget(o)
		if b != nil || !errors.Is(err, resilience.Err) || !errors.Is(err, errs.ErrValidation) || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%+v: %v, want one about %s", o, err, wrong)
		}
	}
}
