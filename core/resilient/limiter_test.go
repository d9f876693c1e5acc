package resilient_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/resilience/resiliencetest"
	"github.com/lexigram/lexigram-go/core/resilient"
)

func TestLimiterConformance(t *testing.T) {
	resiliencetest.RunLimiter(t, func(t *testing.T, rate resilience.Rate) resilience.Limiter { return limiterOf(t, rate) })
}

// TestLimiterAdmitsItsLimit: the original's admitted 50 of 50 with a limit of 5.
func TestLimiterAdmitsItsLimit(t *testing.T) {
	p := pipeline(t, resilient.Options{Limiter: limiterOf(t, resilience.Rate{Events: 5, Per: time.Hour})})
	var through, limited atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			err := resilience.Run(t.Context(), p, func(context.Context) error { through.Add(1); return nil })
			if after, ok := resilience.RetryAfter(err); errors.Is(err, resilience.ErrLimited) && errs.KindOf(err) == errs.Exhausted && ok && after <= 12*time.Minute {
				limited.Add(1)
			}
		})
	}
	wg.Wait()
	if through.Load() != 5 || limited.Load() != 45 {
		t.Errorf("%d of 50 went through and %d were told to wait, want 5 and 45", through.Load(), limited.Load())
	}
}

func TestLimitKey(t *testing.T) {
	tenant := func(ctx context.Context) string { s, _ := ctx.Value(key{}).(string); return s }
	p := pipeline(t, resilient.Options{Limiter: limiterOf(t, resilience.Rate{Events: 1, Per: time.Hour}), LimitKey: tenant})
	for _, name := range []string{"a", "b"} {
		ctx := context.WithValue(t.Context(), key{}, name)
		if err := resilience.Run(ctx, p, works); err != nil {
			t.Error(err)
		}
		if err := resilience.Run(ctx, p, works); !errors.Is(err, resilience.ErrLimited) {
			t.Errorf("the second call of %s: %v", name, err)
		}
	}
}

// a deaf limiter cannot reach its store.
type deaf struct{}

func (deaf) Allow(context.Context, string, int) (resilience.Decision, error) {
	return resilience.Decision{Allowed: true}, errDown
}

func TestLimiterThatDoesNotKnow(t *testing.T) {
	p := pipeline(t, resilient.Options{Limiter: deaf{}, Bulkhead: bulkheadOf(t, resilient.BulkheadOptions{})})
	err := do(t, p, 1, func(context.Context) error { t.Error("the call was made"); return nil })
	if !errors.Is(err, errDown) || !errors.Is(err, resilience.Err) || errors.Is(err, resilience.ErrLimited) {
		t.Error(err)
	}
}

// TestLimiterRates: the smoothest rates there are neither divide by zero nor let too much through.
func TestLimiterRates(t *testing.T) {
	for _, rate := range []resilience.Rate{
		{Events: 1e9, Per: time.Second, Burst: 10},
		{Events: 300_000_000, Per: time.Second, Burst: 7},
		{Events: 7, Per: time.Second, Burst: 3},
		{Events: 1, Per: 24 * 365 * time.Hour, Burst: 90},
		{Events: 999_999, Per: time.Millisecond, Burst: 1},
		{Events: 3, Per: time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := limiterOf(t, rate)
			take := func() (n int) {
				for {
					d, err := l.Allow(t.Context(), "k", 1)
					if err != nil {
						t.Fatal(err)
					}
					if !d.Allowed {
						return n
					}
					n++
				}
			}
			if n := take(); n != rate.Capacity() {
				t.Fatalf("%+v: %d at once", rate, n)
			}
			got, begin := 0, time.Now()
			for range min(1000, int(100*365*24*time.Hour/rate.Per)) {
				d, _ := l.Allow(t.Context(), "k", 1)
				time.Sleep(d.RetryAfter)
				got += take()
			}
			want := float64(rate.Events) * float64(time.Since(begin)) / float64(rate.Per)
			if float64(got) > want+0.5 || float64(got) < want-float64(rate.Events)*1000/float64(rate.Per)-1.5 {
				t.Errorf("%+v: %d came back in %v, want %.1f", rate, got, time.Since(begin), want)
			}
		})
	}
}

// TestLimiterForgetsKeys: keys that owe nothing do not take memory for ever.
func TestLimiterForgetsKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limiterOf(t, resilience.Rate{Events: 1, Per: time.Second})
		heap := func() uint64 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			return m.HeapAlloc
		}
		before := heap()
		pad := strings.Repeat("k", 200)
		for round := range 20 {
			for i := range 10_000 {
				if _, err := l.Allow(t.Context(), pad+strconv.Itoa(round)+":"+strconv.Itoa(i), 1); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(2 * time.Second)
		}
		if grown := heap() - before; int64(grown) > 12<<20 {
			t.Errorf("200,000 keys of 200 bytes, of which 10,000 at most owed something at a time, hold %d MB", grown>>20)
		}
		runtime.KeepAlive(l)
	})
}

func TestNewLimiterRefuses(t *testing.T) {
	for _, rate := range []resilience.Rate{{}, {Events: 1 << 40, Per: time.Second}, {Events: -1, Per: -1, Burst: -1}} {
		l, err := resilient.NewLimiter(rate)
		if l != nil || !errors.Is(err, resilience.Err) || !errors.Is(err, errs.ErrValidation) {
			t.Errorf("%+v: %v", rate, err)
		}
	}
}

func ExampleLimiter() {
	limiter, err := resilient.NewLimiter(resilience.Rate{Events: 60, Per: time.Hour, Burst: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		d, err := limiter.Allow(context.Background(), "192.0.2.7", 1)
		fmt.Println(d.Allowed, d.Remaining, d.RetryAfter.Round(time.Second), err)
	}
	// Output:
	// true 1 0s <nil>
	// true 0 0s <nil>
	// false 0 1m0s <nil>
}
