package resilient_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Timeout: time.Second})
		for name, fn := range map[string]func(context.Context) error{
			"heeds Done":  naps(time.Hour),
			"heeds Err":   func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() },
			"heeds Cause": func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) },
			"heeds the deadline, as a connection": func(ctx context.Context) error {
				at, ok := ctx.Deadline()
				if !ok {
					return errDown
				}
				time.Sleep(time.Until(at))
				return os.ErrDeadlineExceeded
			},
		} {
			begin := time.Now()
			err := do(t, p, 1, fn)
			if !errors.Is(err, resilience.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || errs.KindOf(err) != errs.Timeout {
				t.Errorf("%s: %v", name, err)
			}
			if time.Since(begin) != time.Second {
				t.Errorf("%s: it took %v", name, time.Since(begin))
			}
		}
	})
}

func TestTimeoutIsNoOtherError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Timeout: time.Second})
		if err := do(t, p, 1, fails); err != errDown {
			t.Errorf("a failure in time: %v", err)
		}
		if err := do(t, p, 1, func(context.Context) error { return context.DeadlineExceeded }); errors.Is(err, resilience.ErrTimeout) {
			t.Errorf("somebody else's deadline: %v", err)
		}
		if err := do(t, p, 1, func(context.Context) error { time.Sleep(2 * time.Second); return errDown }); err != errDown {
			t.Errorf("a failure of another kind, late: %v", err)
		}
		got, err := resilience.Do(t.Context(), p, func(context.Context) (int, error) { time.Sleep(time.Hour); return 7, nil })
		if got != 7 || err != nil {
			t.Errorf("a result that came late = %v, %v: it is there", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		if err := resilience.Run(ctx, p, naps(time.Hour)); errors.Is(err, resilience.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the caller's own deadline: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second/2, cancel)
		if err := resilience.Run(ctx, p, func(ctx context.Context) error { time.Sleep(time.Minute); return ctx.Err() }); err != context.Canceled {
			t.Errorf("a caller that left before the deadline: %v", err)
		}
	})
}

type key struct{}

// TestTimeoutContext: the context of a call is as good as one of context.WithTimeout.
func TestTimeoutContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Timeout: time.Minute})
		parent, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
		defer cancel(nil)
		var kept, child context.Context
		goroutines := runtime.NumGoroutine()
		err := resilience.Run(parent, p, func(ctx context.Context) error {
			if at, ok := ctx.Deadline(); !ok || time.Until(at) != time.Minute {
				t.Errorf("Deadline = %v, %v", at, ok)
			}
			if ctx.Err() != nil || ctx.Value(key{}) != "value" {
				t.Error("it has ended, or has no values")
			}
			kept = ctx
			var done context.CancelFunc
			child, done = context.WithCancel(ctx)
			defer done()
			if child.Err() != nil || child.Value(key{}) != "value" || runtime.NumGoroutine() != goroutines {
				t.Error("a child has ended, has no values, or needs a goroutine")
			}
			cause := errors.New("the caller left")
			cancel(cause)
			<-child.Done()
			if ctx.Err() != context.Canceled || context.Cause(ctx) != cause || context.Cause(child) != cause {
				t.Errorf("Err = %v, Cause = %v, of a child %v", ctx.Err(), context.Cause(ctx), context.Cause(child))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		<-kept.Done()
		err = do(t, p, 1, func(ctx context.Context) error { kept = ctx; return nil })
		if err != nil || kept.Err() != context.Canceled {
			t.Errorf("%v; after the call Err = %v, want that it has ended", err, kept.Err())
		}
		begin := time.Now()
		<-kept.Done() // also of one that was never armed
		err = do(t, p, 1, func(ctx context.Context) error { kept = ctx; _ = ctx.Done(); return nil })
		<-kept.Done()
		if err != nil || kept.Err() != context.Canceled || context.Cause(kept) == nil || !time.Now().Equal(begin) {
			t.Errorf("%v; Err = %v, Cause = %v, after %v", err, kept.Err(), context.Cause(kept), time.Since(begin))
		}
	})
}

func TestTimeoutContextThatIsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Timeout: time.Second})
		_ = do(t, p, 1, func(ctx context.Context) error {
			time.Sleep(time.Second)
			if ctx.Err() != context.DeadlineExceeded {
				t.Errorf("Err = %v at the deadline", ctx.Err())
			}
			<-ctx.Done()
			if ctx.Err() != context.DeadlineExceeded || context.Cause(ctx) != error(resilience.ErrTimeout) {
				t.Errorf("Err = %v, Cause = %v", ctx.Err(), context.Cause(ctx))
			}
			return nil
		})
	})
}

func TestTimeoutContextConcurrentSafe(t *testing.T) {
	p := pipeline(t, resilient.Options{Timeout: time.Millisecond})
	for range 50 {
		_ = do(t, p, 1, func(ctx context.Context) error {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { _ = ctx.Err(); <-ctx.Done(); _ = ctx.Value(key{}); _ = context.Cause(ctx) })
			}
			wg.Wait()
			return ctx.Err()
		})
	}
}

// TestTimeoutOfEachAttempt: a timeout bounds one call, and the caller's context all of them.
func TestTimeoutOfEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Timeout: time.Second, Retry: &plain})
		begin := time.Now()
		err := do(t, p, 1, naps(time.Hour))
		if took := time.Since(begin); !errors.Is(err, resilience.ErrTimeout) || !errors.Is(err, resilience.ErrExhausted) || took != 6*time.Second {
			t.Errorf("%v after %v, want three calls of 1s and waits of 1s and 2s", err, took)
		}
	})
}
