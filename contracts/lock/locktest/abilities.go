package locktest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// free checks that Inspect finds nobody.
func free(ctx context.Context, s lock.Store, name string) error {
	i, err := lock.Inspect(ctx, s, name)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return err
	case !errors.Is(err, lock.ErrFree):
		return fmt.Errorf("Inspect(%s) = %+v, %v, want ErrFree", name, i, err)
	}
	return nil
}

// waiter returns s as one, or says that it is none.
func waiter(s lock.Store) (lock.Waiter, error) {
	if w, ok := s.(lock.Waiter); ok {
		return w, nil
	}
	return nil, fmt.Errorf("Wait: %w", errors.ErrUnsupported)
}

// waits checks that Wait returns nil within a long time, and no sooner than after release.
func waits(ctx context.Context, w lock.Waiter, tick time.Duration, release func() error) error {
	ctx, cancel := context.WithTimeout(ctx, 100*tick)
	defer cancel()
	woken := make(chan error, 1)
	go func() { woken <- w.Wait(ctx, "n") }()
	select {
	case err := <-woken:
		if err == nil {
			err = errors.New("Wait returned although the name is held")
		}
		return err
	case <-time.After(tick):
	}
	if err := release(); err != nil {
		return err
	}
	if err := <-woken; err != nil {
		return fmt.Errorf("Wait after Release = %w", err)
	}
	return nil
}

var abilityRules = []rule{
	{
		name:     "inspect",
		says:     "Inspect returns the live lease on name",
		optional: true,
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", time.Minute)
			if err != nil {
				return err
			}
			for _, ttl := range []time.Duration{time.Minute, 2 * time.Minute} {
				i, err := lock.Inspect(ctx, s, "n")
				if err != nil {
					return err
				}
				lasts := i.ExpiresAt.Sub(i.AcquiredAt)
				if i.Name != "n" || i.Holder != "a" || i.Fence != fence || lasts < ttl-time.Second || lasts > ttl+time.Minute/2 {
					return fmt.Errorf("Inspect = %+v, want a's lease of %v with fence %d", i, ttl, fence)
				}
				if err := s.Extend(ctx, "n", "a", 2*time.Minute); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:     "inspect what was extended",
		says:     "AcquiredAt is when the lease began, however often it is extended or acquired again",
		optional: true,
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			if _, err := grants(ctx, s, "n", "a", time.Minute); err != nil {
				return err
			}
			before, err := lock.Inspect(ctx, s, "n")
			if err != nil {
				return err
			}
			time.Sleep(tick)
			if err := s.Extend(ctx, "n", "a", time.Hour); err != nil {
				return err
			}
			if _, err := s.Acquire(ctx, "n", "a", time.Hour); err != nil {
				return err
			}
			after, err := lock.Inspect(ctx, s, "n")
			if err != nil || after.AcquiredAt.Sub(before.AcquiredAt).Abs() > tick/2 {
				return fmt.Errorf("Inspect of the lease of %v = %+v, %v", before.AcquiredAt, after, err)
			}
			return nil
		},
	},
	{
		name:     "inspect what is free",
		says:     "Inspect returns an error wrapping ErrFree if there is no live lease on name",
		optional: true,
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			if _, err := grants(ctx, s, "expired", "a", tick/2); err != nil {
				return err
			}
			if _, err := grants(ctx, s, "released", "a", time.Minute); err != nil {
				return err
			}
			if err := s.Release(ctx, "released", "a"); err != nil {
				return err
			}
			time.Sleep(tick)
			for _, n := range []string{"never", "released", "expired"} {
				if err := free(ctx, s, n); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name:     "wait",
		says:     "Wait returns nil once nobody holds name, or if nobody does",
		optional: true,
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			w, err := waiter(s)
			if err != nil {
				return err
			}
			if err := w.Wait(ctx, "n"); err != nil {
				return fmt.Errorf("Wait of a free name = %w", err)
			}
			if _, err := grants(ctx, s, "n", "a", time.Hour); err != nil {
				return err
			}
			return waits(ctx, w, tick, func() error { return s.Release(ctx, "n", "a") })
		},
	},
	{
		name:     "leaving a wait",
		says:     "Wait returns an error wrapping its cause when ctx ends",
		optional: true,
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			w, err := waiter(s)
			if err != nil {
				return err
			}
			if _, err := grants(ctx, s, "n", "a", time.Hour); err != nil {
				return err
			}
			cause := errors.New("the caller left")
			ctx, cancel := context.WithCancelCause(ctx)
			t := time.AfterFunc(tick, func() { cancel(cause) })
			defer t.Stop()
			if err := w.Wait(ctx, "n"); errors.Is(err, errors.ErrUnsupported) {
				return err
			} else if !errors.Is(err, cause) {
				return fmt.Errorf("Wait = %v, want the cause of its context", err)
			}
			return nil
		},
	},
}
