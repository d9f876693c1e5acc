package resiliencetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A limiterRule is a rule with the rate that its limiter holds keys to.
type limiterRule struct {
	rule[resilience.Limiter]
	rate func(tick time.Duration) resilience.Rate
}

// still is a rate of which nothing comes back while a rule is checked.
func still(time.Duration) resilience.Rate {
	return resilience.Rate{Events: 5, Per: 100 * time.Hour}
}

// moving is a rate of which an event comes back every tick.
func moving(tick time.Duration) resilience.Rate {
	return resilience.Rate{Events: 1, Per: tick, Burst: 3}
}

var limiterRules = []limiterRule{
	{rule[resilience.Limiter]{"a fresh key", "A key that was never used has the rate's whole capacity", checkFresh}, still},
	{rule[resilience.Limiter]{"burst", "Limit is the rate's capacity: Burst, if it is not 0", checkBurst}, func(time.Duration) resilience.Rate {
		return resilience.Rate{Events: 100, Per: 1000 * time.Hour, Burst: 2}
	}},
	{rule[resilience.Limiter]{"all or nothing", "Allow takes n events from what key has left, or nothing if that is fewer", checkAllOrNothing}, still},
	{rule[resilience.Limiter]{"events come back one by one", "Events come back one by one, Per/Events apart", checkOneByOne}, moving},
	{rule[resilience.Limiter]{"no more than capacity", "at most Burst at once after a pause", checkPause}, moving},
	{rule[resilience.Limiter]{"retry after", "RetryAfter is when it would be allowed, if nobody else asks meanwhile", checkRetryAfter}, moving},
	{rule[resilience.Limiter]{"reset after", "ResetAfter is when Remaining would be Limit again", checkResetAfter}, moving},
	{rule[resilience.Limiter]{"refusals cost nothing", "Allow takes n events from what key has left, or nothing if that is fewer", checkRefusals}, moving},
	{rule[resilience.Limiter]{"keys are apart", "A Limiter counts events by key; a key is 1 to 1,024 bytes, whatever they are", checkKeys}, still},
	{rule[resilience.Limiter]{"invalid arguments", "What CheckAllow refuses is an error wrapping ErrInvalid, and takes nothing", checkInvalid}, still},
	{rule[resilience.Limiter]{"a context that has ended", "a ctx that has ended is an error wrapping its cause, and takes nothing", checkLimiterEnded}, still},
	{rule[resilience.Limiter]{"concurrent use", "It is safe for concurrent use", checkLimiterConcurrent}, still},
}

// allows takes n and compares the answer.
func allows(ctx context.Context, l resilience.Limiter, key string, n int, want bool, remaining int) (resilience.Decision, error) {
	d, err := l.Allow(ctx, key, n)
	if err == nil && (d.Allowed != want || d.Remaining != remaining) {
		err = fmt.Errorf("Allow(%.10q, %d) = %+v, want Allowed %v and Remaining %d", key, n, d, want, remaining)
	}
	return d, err
}

// drain takes n, one at a time, of a key that has capacity.
func drain(ctx context.Context, l resilience.Limiter, key string, n, capacity int) (err error) {
	for i := 1; i <= n && err == nil; i++ {
		_, err = allows(ctx, l, key, 1, true, capacity-i)
	}
	return err
}

func checkFresh(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	d, err := allows(ctx, l, "k", 1, true, 4)
	if err == nil && (d.Limit != 5 || d.RetryAfter != 0) {
		err = fmt.Errorf("Allow of a fresh key = %+v, want Limit 5 and no RetryAfter", d)
	}
	if err != nil {
		return err
	}
	if _, err := allows(ctx, l, "k", 4, true, 0); err != nil {
		return err
	}
	d, err = allows(ctx, l, "k", 1, false, 0)
	if err == nil && (d.Limit != 5 || d.RetryAfter <= 0) {
		err = fmt.Errorf("Allow of a spent key = %+v, want Limit 5 and a RetryAfter", d)
	}
	return err
}

func checkBurst(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	if err := drain(ctx, l, "k", 2, 2); err != nil {
		return err
	}
	_, err := allows(ctx, l, "k", 1, false, 0)
	return err
}

func checkAllOrNothing(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	for _, step := range []struct {
		n, remaining int
		want         bool
	}{{3, 2, true}, {3, 2, false}, {5, 2, false}, {2, 0, true}} {
		if _, err := allows(ctx, l, "k", step.n, step.want, step.remaining); err != nil {
			return err
		}
	}
	return nil
}

// within runs check, whose failure says nothing if it took more than limit.
func within(limit time.Duration, check func() error) error {
	begin := time.Now()
	err := check()
	if time.Since(begin) >= limit {
		return nil // this machine was too slow to tell
	}
	return err
}

func checkOneByOne(ctx context.Context, l resilience.Limiter, tick time.Duration) error {
	return within(2*tick, func() error {
		if err := drain(ctx, l, "k", 3, 3); err != nil {
			return err
		}
		time.Sleep(tick + tick/4)
		if _, err := allows(ctx, l, "k", 1, true, 0); err != nil {
			return fmt.Errorf("a tick after it was spent: %w", err)
		}
		_, err := allows(ctx, l, "k", 1, false, 0)
		return err
	})
}

func checkPause(ctx context.Context, l resilience.Limiter, tick time.Duration) error {
	if _, err := l.Allow(ctx, "k", 1); err != nil {
		return err
	}
	time.Sleep(10 * tick)
	return within(tick, func() error {
		if err := drain(ctx, l, "k", 3, 3); err != nil {
			return err
		}
		_, err := allows(ctx, l, "k", 1, false, 0)
		return err
	})
}

func checkRetryAfter(ctx context.Context, l resilience.Limiter, tick time.Duration) error {
	if _, err := l.Allow(ctx, "k", 3); err != nil {
		return err
	}
	for _, n := range []int{1, 2, 3} { // 3 would wait for all
		d, err := l.Allow(ctx, "k", n)
		if err != nil {
			return err
		}
		if longest := time.Duration(n) * tick; d.Allowed || d.RetryAfter <= 0 || d.RetryAfter > longest {
			return fmt.Errorf("Allow(%d) of a spent key = %+v, want RetryAfter up to %v", n, d, longest)
		}
		time.Sleep(d.RetryAfter + tick/10)
		if d, err := l.Allow(ctx, "k", n); err != nil || !d.Allowed {
			return fmt.Errorf("Allow(%d) after its RetryAfter = %+v, %w", n, d, err)
		}
	}
	return nil
}

func checkResetAfter(ctx context.Context, l resilience.Limiter, tick time.Duration) error {
	return within(tick, func() error {
		for n := 1; n <= 3; n++ {
			d, err := l.Allow(ctx, "k", 1)
			if err != nil {
				return err
			}
			if longest := time.Duration(n) * tick; d.ResetAfter <= longest-tick || d.ResetAfter > longest {
				return fmt.Errorf("ResetAfter with %d taken = %v, want over %v and up to %v", n, d.ResetAfter, longest-tick, longest)
			}
		}
		return nil
	})
}

func checkRefusals(ctx context.Context, l resilience.Limiter, tick time.Duration) error {
	if _, err := l.Allow(ctx, "k", 3); err != nil {
		return err
	}
	for range 100 {
		if _, err := l.Allow(ctx, "k", 3); err != nil {
			return err
		}
	}
	time.Sleep(3*tick + tick/10)
	if d, err := l.Allow(ctx, "k", 3); err != nil || !d.Allowed {
		return fmt.Errorf("after 100 refusals and a pause for all to come back, Allow(3) = %+v, %w", d, err)
	}
	return nil
}

func checkKeys(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	for _, k := range []string{"a", "A", "a ", " a", "a\x00", "a:b", "a:b:", "{a}", "é", "\xff\xfe", "*", strings.Repeat("k", 1023), strings.Repeat("k", 1024)} {
		if _, err := allows(ctx, l, k, 5, true, 0); err != nil {
			return err
		}
	}
	return nil
}

func checkInvalid(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	gone, cancel := context.WithCancel(ctx)
	cancel()
	for _, ctx := range []context.Context{ctx, gone} {
		for _, a := range []struct {
			key string
			n   int
		}{{"", 1}, {strings.Repeat("k", 1025), 1}, {"k", 0}, {"k", -1}, {"k", 6}} {
			if _, err := l.Allow(ctx, a.key, a.n); !errors.Is(err, resilience.ErrInvalid) {
				return fmt.Errorf("Allow(a key of %d bytes, %d) = %v, want ErrInvalid", len(a.key), a.n, err)
			}
		}
	}
	_, err := allows(ctx, l, "k", 5, true, 0)
	return err
}

func checkLimiterEnded(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	cause := errors.New("the caller left")
	gone, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	if _, err := l.Allow(gone, "k", 1); !errors.Is(err, cause) {
		return fmt.Errorf("Allow with a context that has ended = %v, want its cause", err)
	}
	_, err := allows(ctx, l, "k", 5, true, 0)
	return err
}

func checkLimiterConcurrent(ctx context.Context, l resilience.Limiter, _ time.Duration) error {
	const callers = 50
	var allowed atomic.Int64
	failures := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			d, err := l.Allow(ctx, "k", 1)
			if failures[i] = err; d.Allowed {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := allowed.Load(); n != 5 {
		return errors.Join(fmt.Errorf("%d of %d calls at once were allowed, want 5", n, callers), errors.Join(failures...))
	}
	return errors.Join(failures...)
}
