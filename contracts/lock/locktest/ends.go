package locktest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

var endRules = []rule{
	{
		name: "expiry",
		says: "a lease is live until its ttl has passed; then it is as if it had never been",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", tick)
			if err != nil {
				return err
			}
			time.Sleep(tick + tick/10)
			_, err = newer(ctx, s, "n", "b", time.Minute, fence)
			return err
		},
	},
	{
		name: "no early expiry",
		says: "a lease is live until its ttl has passed",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			began := time.Now()
			if _, err := grants(ctx, s, "n", "a", 2*tick); err != nil {
				return err
			}
			time.Sleep(tick + tick/2)
			_, err := s.Acquire(ctx, "n", "b", tick)
			if time.Since(began) >= 2*tick-time.Millisecond || errors.Is(err, lock.ErrHeld) {
				return nil // or this machine was too slow to tell
			}
			return fmt.Errorf("Acquire by another after 3/4 of the ttl = %v, want ErrHeld", err)
		},
	},
	{
		name:    "extend",
		hurries: true,
		says:    "Extend makes owner's lease end ttl from now, be that later or sooner",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			later, err := grants(ctx, s, "later", "a", tick)
			if err != nil {
				return err
			}
			sooner, err := grants(ctx, s, "sooner", "a", time.Minute)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Extend(ctx, "later", "a", time.Minute), s.Extend(ctx, "sooner", "a", tick)); err != nil {
				return err
			}
			time.Sleep(tick + tick/2)
			if err := holds(ctx, s, "later", "a", later); err != nil {
				return err
			}
			_, err = newer(ctx, s, "sooner", "b", time.Minute, sooner)
			return err
		},
	},
	{
		name: "extend what has ended",
		says: "Extend returns an error wrapping ErrLost if owner has no lease that is live",
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
			for _, n := range []string{"expired", "released", "never"} {
				if err := s.Extend(ctx, n, "a", time.Minute); !errors.Is(err, lock.ErrLost) {
					return fmt.Errorf("Extend of one that is %s = %v, want ErrLost", n, err)
				}
				if _, err := grants(ctx, s, n, "b", time.Minute); err != nil {
					return fmt.Errorf("after Extend: %w", err)
				}
			}
			return nil
		},
	},
	{
		name: "extend another's",
		says: "Extend returns an error wrapping ErrLost if owner has no lease, and another's stays as it is",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			if _, err := grants(ctx, s, "n", "a", tick); err != nil {
				return err
			}
			if err := s.Extend(ctx, "n", "b", time.Minute); !errors.Is(err, lock.ErrLost) {
				return fmt.Errorf("Extend by another = %v, want ErrLost", err)
			}
			time.Sleep(tick + tick/5)
			_, err := grants(ctx, s, "n", "c", time.Minute)
			return err
		},
	},
	{
		name: "release",
		says: "Release ends owner's lease on name, and no other",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", time.Minute)
			if err != nil {
				return err
			}
			other, err := grants(ctx, s, "n2", "a", time.Minute)
			if err != nil {
				return err
			}
			if err := s.Release(ctx, "n", "a"); err != nil {
				return err
			}
			if _, err := newer(ctx, s, "n", "b", time.Minute, fence); err != nil {
				return err
			}
			return holds(ctx, s, "n2", "a", other)
		},
	},
	{
		name: "release of what has ended",
		says: "Release of a lease that has ended is no error",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			if _, err := grants(ctx, s, "n", "a", tick/2); err != nil {
				return err
			}
			time.Sleep(tick)
			return errors.Join(s.Release(ctx, "n", "a"), s.Release(ctx, "n", "a"), s.Release(ctx, "never", "a"))
		},
	},
	{
		name: "release another's",
		says: "Release never touches another owner's lease, also one that took the place of the owner's",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			if _, err := grants(ctx, s, "n", "slow", tick/2); err != nil {
				return err
			}
			time.Sleep(tick)
			fence, err := grants(ctx, s, "n", "next", time.Minute)
			if err != nil {
				return err
			}
			return errors.Join(s.Release(ctx, "n", "slow"), holds(ctx, s, "n", "next", fence))
		},
	},
	{
		name: "a very long ttl",
		says: "a ttl is at least a millisecond: there is no longest one",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			for i, ttl := range []time.Duration{24 * 365 * time.Hour, math.MaxInt64} {
				name := fmt.Sprint("n", i)
				if _, err := grants(ctx, s, name, "a", ttl); err != nil {
					return fmt.Errorf("ttl %v: %w", ttl, err)
				}
				if err := s.Extend(ctx, name, "a", ttl); err != nil {
					return fmt.Errorf("Extend(ttl %v) = %w", ttl, err)
				}
				if _, err := s.Acquire(ctx, name, "b", time.Minute); !errors.Is(err, lock.ErrHeld) {
					return fmt.Errorf("Acquire by another, ttl %v = %v, want ErrHeld", ttl, err)
				}
			}
			return nil
		},
	},
}
