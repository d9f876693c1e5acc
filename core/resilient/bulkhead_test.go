package resilient_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

func TestBulkheadBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 3, MaxQueue: 4})
		p := pipeline(t, resilient.Options{Bulkhead: b})
		var inside, most, full atomic.Int64
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				err := resilience.Run(t.Context(), p, func(ctx context.Context) error {
					most.Store(max(most.Load(), inside.Add(1)))
					defer inside.Add(-1)
					return naps(time.Second)(ctx)
				})
				if errors.Is(err, resilience.ErrFull) && errs.KindOf(err) == errs.Unavailable {
					full.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if running, waiting := b.Load(); running != 3 || waiting != 4 || full.Load() != 3 {
			t.Errorf("%d run, %d wait, %d were refused at once, want 3, 4, 3", running, waiting, full.Load())
		}
		wg.Wait()
		if running, waiting := b.Load(); running != 0 || waiting != 0 || most.Load() != 3 {
			t.Errorf("%d run, %d wait, %d ran at most", running, waiting, most.Load())
		}
	})
}

func TestBulkheadIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipeline(t, resilient.Options{Bulkhead: bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1, MaxQueue: 100})})
		var order []int
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_ = resilience.Run(t.Context(), p, func(ctx context.Context) error {
					order = append(order, i) // alone
					return naps(time.Second)(ctx)
				})
			})
			synctest.Wait()
		}
		wg.Wait()
		if !slices.IsSorted(order) || len(order) != 20 {
			t.Errorf("they ran in the order %v", order)
		}
	})
}

func TestBulkheadWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1, MaxQueue: 10, MaxWait: 2 * time.Second})
		p := pipeline(t, resilient.Options{Bulkhead: b})
		go func() { _ = resilience.Run(t.Context(), p, naps(time.Minute)) }()
		synctest.Wait()
		cause := errors.New("the caller left")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		begin := time.Now()
		if err := resilience.Run(ctx, p, works); !errors.Is(err, cause) || errors.Is(err, resilience.ErrFull) || time.Since(begin) != time.Second {
			t.Errorf("a caller that leaves: %v after %v", err, time.Since(begin))
		}
		begin = time.Now()
		if err := do(t, p, 1, works); !errors.Is(err, resilience.ErrFull) || time.Since(begin) != 2*time.Second {
			t.Errorf("a place that does not come: %v after %v", err, time.Since(begin))
		}
		if running, waiting := b.Load(); running != 1 || waiting != 0 {
			t.Errorf("%d run, %d wait: they left, and their places in the queue did not", running, waiting)
		}
		time.Sleep(time.Minute)
		if err := do(t, p, 3, works); err != nil {
			t.Error(err)
		}
	})
}

// TestPlaceComesBack whatever the call does.
func TestPlaceComesBack(t *testing.T) {
	b := bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1})
	p := pipeline(t, resilient.Options{Bulkhead: b})
	for name, fn := range map[string]func(context.Context) error{
		"works": works, "fails": fails, "panics": func(context.Context) error { panic("boom") },
		"exits": func(context.Context) error { runtime.Goexit(); return nil },
	} {
		var wg sync.WaitGroup
		wg.Go(func() { _ = resilience.Run(t.Context(), p, fn) })
		wg.Wait()
		if running, _ := b.Load(); running != 0 {
			t.Errorf("a call that %s keeps its place", name)
		}
	}
}

func TestBulkheadConcurrentSafe(t *testing.T) {
	b := bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 2, MaxQueue: 100})
	p := pipeline(t, resilient.Options{Bulkhead: b})
	var inside atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range 300 {
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					if n%2 == 0 {
						cancel() // while it waits, is let in, or runs
					}
				}()
				_ = resilience.Run(ctx, p, func(context.Context) error {
					if inside.Add(1) > 2 {
						t.Error("more than two at once")
					}
					runtime.Gosched()
					inside.Add(-1)
					return nil
				})
				cancel()
			}
		})
	}
	wg.Wait()
	if running, waiting := b.Load(); running != 0 || waiting != 0 {
		t.Errorf("%d run, %d wait", running, waiting)
	}
}

func TestBulkheadRefuses(t *testing.T) {
	for wrong, o := range map[string]resilient.BulkheadOptions{
		"MaxConcurrent": {MaxConcurrent: -1}, "MaxQueue": {MaxQueue: -1}, "MaxWait is neg": {MaxQueue: 1, MaxWait: -1}, "MaxWait is set": {MaxWait: 1},
	} {
		b, err := resilient.NewBulkhead(o)
		if b != nil || !errors.Is(err, resilience.Err) || !errors.Is(err, errs.ErrValidation) || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%+v: %v, want one about %s", o, err, wrong)
		}
	}
}

// TestPlaceThatComesAtTheLastMoment is taken or given on, and never lost.
func TestPlaceThatComesAtTheLastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bulkheadOf(t, resilient.BulkheadOptions{MaxConcurrent: 1, MaxQueue: 1, MaxWait: time.Second})
		p := pipeline(t, resilient.Options{Bulkhead: b})
		for range 30 {
			go func() { _ = resilience.Run(t.Context(), p, naps(time.Second)) }()
			synctest.Wait()
			err := do(t, p, 1, works)
			if err != nil && !errors.Is(err, resilience.ErrFull) {
				t.Error(err)
			}
			synctest.Wait()
			if running, waiting := b.Load(); running != 0 || waiting != 0 {
				t.Fatalf("%d run, %d wait after %v", running, waiting, err)
			}
		}
	})
}
