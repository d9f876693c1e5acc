package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/resilience/resiliencetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/ratelimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, rate resilience.Rate, opts ratelimit.Options) *ratelimit.Limiter {
	t.Helper()
	l, err := ratelimit.New(rate, opts)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func lease(t *testing.T, inner resilience.Limiter, rate resilience.Rate, size int) *ratelimit.Lease {
	t.Helper()
	l, err := ratelimit.NewLease(inner, rate, ratelimit.LeaseOptions{Size: size})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func fallback(t *testing.T, inner resilience.Limiter, rate resilience.Rate, opts ratelimit.FallbackOptions) *ratelimit.Fallback {
	t.Helper()
	f, err := ratelimit.NewFallback(inner, rate, opts)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestConformance(t *testing.T) {
	memory := func(t *testing.T, rate resilience.Rate) resilience.Limiter { return open(t, rate, ratelimit.Options{}) }
	for name, newLimiter := range map[string]func(t *testing.T, rate resilience.Rate) resilience.Limiter{
		"memory":     memory,
		"lease of 1": func(t *testing.T, rate resilience.Rate) resilience.Limiter { return lease(t, memory(t, rate), rate, 0) },
		"lease of 2": func(t *testing.T, rate resilience.Rate) resilience.Limiter { return lease(t, memory(t, rate), rate, 2) },
		"fallback": func(t *testing.T, rate resilience.Rate) resilience.Limiter {
			return fallback(t, memory(t, rate), rate, ratelimit.FallbackOptions{})
		},
		"fallen back": func(t *testing.T, rate resilience.Rate) resilience.Limiter {
			return fallback(t, broken{}, rate, ratelimit.FallbackOptions{Policy: ratelimit.Local, Local: memory(t, rate)})
		},
	} {
		t.Run(name, func(t *testing.T) { resiliencetest.RunLimiter(t, newLimiter) })
	}
}

func TestInvalid(t *testing.T) {
	rate := resilience.Rate{Events: 5, Per: time.Second}
	memory := open(t, rate, ratelimit.Options{})
	_, err1 := ratelimit.New(resilience.Rate{}, ratelimit.Options{})
	_, err2 := ratelimit.New(rate, ratelimit.Options{MaxKeys: -1})
	_, err3 := ratelimit.NewLease(memory, resilience.Rate{}, ratelimit.LeaseOptions{})
	_, err4 := ratelimit.NewLease(nil, rate, ratelimit.LeaseOptions{})
	_, err5 := ratelimit.NewLease(memory, rate, ratelimit.LeaseOptions{Size: 6})
	errsOf := []error{err1, err2, err3, err4, err5}
	for _, o := range []ratelimit.FallbackOptions{{Policy: 3}, {Policy: ratelimit.Local}, {Local: memory}, {Timeout: -1}, {Pause: 1}} {
		_, err := ratelimit.NewFallback(memory, rate, o)
		errsOf = append(errsOf, err)
	}
	_, err6 := ratelimit.NewFallback(nil, rate, ratelimit.FallbackOptions{})
	_, err7 := ratelimit.NewFallback(memory, resilience.Rate{}, ratelimit.FallbackOptions{})
	for i, err := range append(errsOf, err6, err7, ratelimit.Config{}.Validate()) {
		if !errors.Is(err, resilience.Err) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("%d: %v, want an error of kind invalid", i, err)
		}
	}
}

func TestKeysAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, resilience.Rate{Events: 2, Per: 2 * time.Second}, ratelimit.Options{MaxKeys: 100})
		for i := range 100 {
			if _, err := l.Allow(t.Context(), fmt.Sprint(i), 1+i%2); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := l.Allow(t.Context(), "one more", 1); !errors.Is(err, ratelimit.ErrKeys) || errs.KindOf(err) != errs.Exhausted {
			t.Errorf("Allow of a key too many = %v, want ErrKeys", err)
		}
		if d, err := l.Allow(t.Context(), "0", 1); err != nil || !d.Allowed {
			t.Errorf("Allow of a key that is there = %+v, %v", d, err)
		}
		time.Sleep(time.Second) // half of the keys owe nothing any more
		if d, err := l.Allow(t.Context(), "one more", 1); err != nil || !d.Allowed {
			t.Errorf("Allow with room = %+v, %v", d, err)
		}
		if n := l.Len(); n != 99 { // a call with a new key removes two
			t.Errorf("%d keys are left, want 99", n)
		}
	})
}

// counted counts how often a limiter is asked.
type counted struct {
	resilience.Limiter
	asked atomic.Int64
}

func (c *counted) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	c.asked.Add(1)
	return c.Limiter.Allow(ctx, key, n)
}

// TestLeaseAsksRarely spends a key through leases of several processes, and beyond.
func TestLeaseAsksRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := resilience.Rate{Events: 1000, Per: time.Hour}
		shared := &counted{Limiter: open(t, rate, ratelimit.Options{})}
		var all sync.WaitGroup
		var allowed atomic.Int64
		for range 4 {
			l := lease(t, shared, rate, 50)
			for range 8 {
				all.Go(func() {
					for range 100 {
						d, err := l.Allow(t.Context(), "k", 1)
						if err != nil {
							t.Error(err)
						} else if d.Allowed {
							allowed.Add(1)
						}
					}
				})
			}
		}
		all.Wait()
		if n, asked := allowed.Load(), shared.asked.Load(); n != 1000 || asked > 1000/50+4*2 {
			t.Errorf("%d of 3,200 events were allowed, want 1000, and %d questions asked", n, asked)
		}
	})
}

// TestLeaseLapses takes a whole lease and uses one event of it: what is at once
// after a pause is the capacity, and no leftover on top.
func TestLeaseLapses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := resilience.Rate{Events: 10, Per: 10 * time.Second}
		l := lease(t, open(t, rate, ratelimit.Options{}), rate, 5)
		if _, err := l.Allow(t.Context(), "k", 1); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		n := 0
		for {
			d, err := l.Allow(t.Context(), "k", 1)
			if err != nil {
				t.Fatal(err)
			} else if !d.Allowed {
				break
			}
			n++
		}
		if n != 10 {
			t.Errorf("%d events at once after a pause, want 10", n)
		}
	})
}

// failing is a limiter that fails or hangs while it is told to.
type failing struct {
	resilience.Limiter
	err   atomic.Pointer[error]
	hangs atomic.Bool
	asked atomic.Int64
}

func (f *failing) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	f.asked.Add(1)
	if f.hangs.Load() {
		<-ctx.Done()
		return resilience.Decision{}, context.Cause(ctx)
	}
	if err := f.err.Load(); err != nil {
		return resilience.Decision{}, *err
	}
	return f.Limiter.Allow(ctx, key, n)
}

func TestFallbackPolicies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := resilience.Rate{Events: 5, Per: time.Hour}
		for _, policy := range []ratelimit.Policy{ratelimit.Closed, ratelimit.Open, ratelimit.Local} {
			inner := &failing{Limiter: open(t, rate, ratelimit.Options{})}
			down := errors.New("connection refused")
			inner.err.Store(&down)
			opts := ratelimit.FallbackOptions{Policy: policy}
			if policy == ratelimit.Local {
				opts.Local = open(t, resilience.Rate{Events: 1, Per: time.Hour, Burst: 5}, ratelimit.Options{})
			}
			f := fallback(t, inner, rate, opts)
			allowed := 0
			for i := range 20 {
				d, err := f.Allow(t.Context(), "k", 1)
				if want := []error{down, resilience.ErrOpen}[min(i, 1)]; policy == ratelimit.Closed && !errors.Is(err, want) || policy != ratelimit.Closed && err != nil {
					t.Errorf("%v: %v, want %v", policy, err, want)
				}
				if d.Allowed {
					allowed++
				}
			}
			if want := map[ratelimit.Policy]int{ratelimit.Open: 20, ratelimit.Local: 5}[policy]; allowed != want || inner.asked.Load() != 1 {
				t.Errorf("%v: %d of 20 allowed, want %d, and the limiter was asked %d times, want once", policy, allowed, want, inner.asked.Load())
			}
			inner.err.Store(nil)
			time.Sleep(ratelimit.DefaultPause)
			for i := range 6 {
				if d, err := f.Allow(t.Context(), "k", 1); err != nil || d.Allowed != (i < 5) {
					t.Errorf("%v: call %d after it works again: %+v, %v", policy, i, d, err)
				}
			}
		}
	})
}

func TestFallbackIsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rate := resilience.Rate{Events: 5, Per: time.Hour}
		inner := &failing{Limiter: open(t, rate, ratelimit.Options{})}
		inner.hangs.Store(true)
		f := fallback(t, inner, rate, ratelimit.FallbackOptions{})
		began := time.Now()
		if _, err := f.Allow(t.Context(), "k", 1); !errors.Is(err, resilience.ErrTimeout) || time.Since(began) != ratelimit.DefaultTimeout {
			t.Errorf("Allow of a limiter that hangs = %v after %v, want ErrTimeout", err, time.Since(began))
		}
		time.Sleep(ratelimit.DefaultPause)
		cause := errors.New("the caller left")
		ctx, leave := context.WithCancelCause(t.Context())
		time.AfterFunc(ratelimit.DefaultTimeout/2, func() { leave(cause) })
		if _, err := f.Allow(ctx, "k", 1); !errors.Is(err, cause) {
			t.Errorf("Allow of a caller who left = %v, want the cause", err)
		}
		if _, err := f.Allow(t.Context(), "k", 6); !errors.Is(err, resilience.ErrInvalid) {
			t.Errorf("Allow of too many = %v", err)
		}
	})
}
