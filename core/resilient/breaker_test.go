package resilient_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

// in is a breaker in a pipeline of its own.
func in(tb testing.TB, c resilience.BreakerConfig) (*resilient.Breaker, *resilient.Pipeline) {
	tb.Helper()
	b := breakerOf(tb, c)
	return b, pipeline(tb, resilient.Options{Breaker: b})
}

func is(t *testing.T, b *resilient.Breaker, want resilient.State) {
	t.Helper()
	if got := b.State(); got != want {
		t.Errorf("the circuit is %v, want %v", got, want)
	}
}

func TestFailuresInARowOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{FailureThreshold: 3, FailureRate: -1})
		do(t, p, 2, fails)
		do(t, p, 1, works) // begins the row anew
		do(t, p, 2, fails)
		is(t, b, resilient.Closed)
		do(t, p, 1, fails)
		is(t, b, resilient.Open)
		time.Sleep(20 * time.Second)
		err := do(t, p, 1, func(context.Context) error { t.Error("an open circuit let a call through"); return nil })
		if !errors.Is(err, resilience.ErrOpen) || errs.KindOf(err) != errs.Unavailable {
			t.Errorf("an open circuit: %v", err)
		}
		if after, ok := resilience.RetryAfter(err); !ok || after != 40*time.Second {
			t.Errorf("RetryAfter = %v, want 40s", after)
		}
		if want := `resilience: circuit is open: "db", retry after 40s`; err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	})
}

func TestRateOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{FailureThreshold: -1, FailureRate: 0.5, MinCalls: 10})
		do(t, p, 4, fails)
		do(t, p, 5, works) // 4 of 9, and too few to say
		is(t, b, resilient.Closed)
		do(t, p, 1, fails) // 5 of 10
		is(t, b, resilient.Open)
	})
}

func TestWindowForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{FailureThreshold: -1, FailureRate: 0.5, MinCalls: 10, Window: 10 * time.Second})
		do(t, p, 9, fails)
		time.Sleep(10 * time.Second)
		do(t, p, 9, works)
		do(t, p, 1, fails) // 1 of 10: the others are too long ago
		is(t, b, resilient.Closed)
		time.Sleep(4 * time.Second)
		do(t, p, 9, fails) // 10 of 19
		is(t, b, resilient.Open)
	})
}

func TestWindowOfCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{FailureThreshold: -1, FailureRate: 0.5, MinCalls: 4, WindowCalls: 4})
		do(t, p, 1, fails)
		do(t, p, 2, works)
		time.Sleep(time.Hour) // time does not matter
		do(t, p, 2, works)
		do(t, p, 1, fails) // 1 of the last 4: the first failure has left
		is(t, b, resilient.Closed)
		do(t, p, 1, fails)
		is(t, b, resilient.Open)
	})
}

func TestSlowCallsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{SlowCall: time.Second, SlowRate: 0.5, MinCalls: 4})
		do(t, p, 2, naps(time.Second-1))
		do(t, p, 1, naps(time.Second))
		is(t, b, resilient.Closed)
		do(t, p, 1, naps(time.Second))
		is(t, b, resilient.Open)
		time.Sleep(time.Minute)
		do(t, p, 1, naps(time.Second)) // a slow probe opens again
		is(t, b, resilient.Open)
	})
}

// TestWaitingIsNotSlow: what waits for a place in the bulkhead has not reached the dependency.
func TestWaitingIsNotSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breakerOf(t, resilience.BreakerConfig{SlowCall: 2 * time.Second, MinCalls: 1, SlowRate: 0.1})
		p := pipeline(t, resilient.Options{Breaker: b, Bulkhead: bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1, MaxQueue: 10})})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := resilience.Run(t.Context(), p, naps(time.Second)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		is(t, b, resilient.Closed)
	})
}

// TestTimeoutIsNoOpenCircuit: the original reported a timed-out call as "circuit open".
func TestTimeoutIsNoOpenCircuit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breakerOf(t, resilience.BreakerConfig{})
		p := pipeline(t, resilient.Options{Breaker: b, Timeout: time.Second})
		for range 5 {
			err := do(t, p, 1, naps(time.Hour))
			if errors.Is(err, resilience.ErrOpen) || !errors.Is(err, resilience.ErrTimeout) {
				t.Errorf("a call that took too long: %v", err)
			}
		}
		is(t, b, resilient.Open) // and it counts as a failure
	})
}

func TestWhatCounts(t *testing.T) {
	notFound := errs.New("", errs.NotFound, "no such row")
	for name, tc := range map[string]struct {
		call func(context.Context) error
		want resilient.State
	}{
		"error":                      {fails, resilient.Open},
		"panic":                      {func(context.Context) error { panic("boom") }, resilient.Open},
		"answer":                     {func(context.Context) error { return notFound }, resilient.Closed},
		"deadline":                   {func(context.Context) error { return context.DeadlineExceeded }, resilient.Open},
		"canceled by the dependency": {func(context.Context) error { return context.Canceled }, resilient.Open},
	} {
		b, p := in(t, resilience.BreakerConfig{})
		do(t, p, 5, tc.call)
		if got := b.State(); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	b, p := in(t, resilience.BreakerConfig{FailureIf: func(err error) bool { return errors.Is(err, notFound) }})
	do(t, p, 5, fails)
	is(t, b, resilient.Closed)
	do(t, p, 5, func(context.Context) error { return notFound })
	is(t, b, resilient.Open)
}

func TestGoexitCounts(t *testing.T) {
	b, p := in(t, resilience.BreakerConfig{})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			_ = resilience.Run(t.Context(), p, func(context.Context) error { runtime.Goexit(); return nil })
		})
	}
	wg.Wait()
	is(t, b, resilient.Open)
}

func TestCallerThatLeftCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{FailureThreshold: 1})
		leave := func() error {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			return resilience.Run(ctx, p, naps(time.Hour))
		}
		if err := leave(); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		is(t, b, resilient.Closed)
		ctx, cancel := context.WithCancel(t.Context())
		_ = resilience.Run(ctx, p, func(context.Context) error { cancel(); return errDown }) // as some clients call it
		is(t, b, resilient.Closed)
		b.ForceOpen()
		time.Sleep(time.Minute)
		_ = leave()
		is(t, b, resilient.HalfOpen)
		do(t, p, 3, works) // the probe's place is free
		is(t, b, resilient.Closed)
	})
}

func TestRefusalsCountForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := breakerOf(t, resilience.BreakerConfig{FailureThreshold: 1, OpenFor: time.Hour})
		p := pipeline(t, resilient.Options{Breaker: b, Limiter: limiterOf(t, resilience.Rate{Events: 1, Per: time.Minute})})
		do(t, p, 1, works)
		if err := do(t, p, 20, works); !errors.Is(err, resilience.ErrLimited) {
			t.Error(err)
		}
		is(t, b, resilient.Closed)
		b.ForceOpen()
		time.Sleep(time.Hour)
		do(t, p, 2, works) // one is refused
		is(t, b, resilient.HalfOpen)
		time.Sleep(time.Minute) // and the probe's place is free
		if err := do(t, p, 1, works); err != nil {
			t.Error(err)
		}
	})
}

// TestStaleCallsCountForNothing: a call that began before the circuit opened
// says nothing about the dependency as it is later.
func TestStaleCallsCountForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{OpenFor: time.Second})
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = resilience.Run(t.Context(), p, func(context.Context) error { time.Sleep(3 * time.Second); return errDown })
		})
		synctest.Wait()
		do(t, p, 5, fails)
		time.Sleep(2 * time.Second)
		do(t, p, 1, works)
		is(t, b, resilient.HalfOpen)
		wg.Wait()
		is(t, b, resilient.HalfOpen)
	})
}

func TestStuckProbeIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{OpenFor: time.Minute})
		b.ForceOpen()
		time.Sleep(time.Minute)
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = resilience.Run(t.Context(), p, func(context.Context) error { time.Sleep(time.Hour); return errDown })
		})
		synctest.Wait()
		time.Sleep(time.Minute - 1)
		if err := do(t, p, 1, works); !errors.Is(err, resilience.ErrOpen) {
			t.Errorf("beside a probe: %v", err)
		}
		time.Sleep(1)
		do(t, p, 3, works)
		is(t, b, resilient.Closed)
		wg.Wait()
		is(t, b, resilient.Closed)
	})
}

func TestResetAndForceOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, p := in(t, resilience.BreakerConfig{})
		do(t, p, 4, fails)
		b.Reset() // forgets them
		do(t, p, 4, fails)
		is(t, b, resilient.Closed)
		b.ForceOpen()
		is(t, b, resilient.Open)
		time.Sleep(30 * time.Second)
		b.ForceOpen() // from now
		time.Sleep(45 * time.Second)
		if err := do(t, p, 1, works); !errors.Is(err, resilience.ErrOpen) {
			t.Error(err)
		}
		b.Reset()
		if err := do(t, p, 1, works); err != nil {
			t.Error(err)
		}
	})
}

func TestChangesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []resilient.Change
		var b *resilient.Breaker
		b, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "db", OnChange: func(c resilient.Change) {
			told = append(told, c)
			_ = b.State() // it may ask
		}})
		if err != nil {
			t.Fatal(err)
		}
		p := pipeline(t, resilient.Options{Breaker: b})
		do(t, p, 5, fails)
		time.Sleep(time.Minute)
		do(t, p, 1, fails)
		time.Sleep(time.Minute)
		do(t, p, 3, works)
		b.Reset() // changes nothing
		const closed, open, half = resilient.Closed, resilient.Open, resilient.HalfOpen
		want := []resilient.Change{
			{Name: "db", From: closed, To: open, Number: 1},
			{Name: "db", From: open, To: half, Number: 2},
			{Name: "db", From: half, To: open, Number: 3},
			{Name: "db", From: open, To: half, Number: 4},
			{Name: "db", From: half, To: closed, Number: 5},
		}
		if !slices.Equal(told, want) {
			t.Errorf("told %+v, want %+v", told, want)
		}
	})
}

func TestBreakerConcurrentSafe(t *testing.T) {
	b, p := in(t, resilience.BreakerConfig{OpenFor: time.Microsecond, Probes: 2, SlowCall: time.Microsecond})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 500 {
				_ = resilience.Run(t.Context(), p, func(context.Context) error {
					if (n+i)%3 == 0 {
						return errDown
					}
					return nil
				})
				switch n % 100 {
				case 50:
					b.ForceOpen()
				case 99:
					b.Reset()
				}
			}
		})
	}
	wg.Wait()
	b.Reset()
	if err := do(t, p, 1, works); err != nil {
		t.Error(err)
	}
}

func TestStateText(t *testing.T) {
	if got := resilient.Closed.String() + resilient.Open.String() + resilient.HalfOpen.String() + resilient.State(9).String(); got != "closedopenhalf openunknown" {
		t.Error(got)
	}
}
