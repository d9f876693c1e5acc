package idempotencytest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

var endRules = []rule{
	{
		name: "claims expire",
		says: "a record whose ttl has passed is as if it had never been",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			if err := wins(ctx, s, claim("k", "a"), tick); err != nil {
				return err
			}
			time.Sleep(tick + tick/10)
			next := claim("k", "b")
			if err := wins(ctx, s, next, time.Minute); err != nil {
				return err
			}
			_, err := pending(ctx, s, next)
			return err
		},
	},
	{
		name: "results expire",
		says: "Complete keeps result for ttl from now; then it is as if it had never been",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			c := claim("k", "a")
			if err := errors.Join(wins(ctx, s, c, time.Hour), s.Complete(ctx, c, []byte("result"), tick)); err != nil {
				return err
			}
			time.Sleep(tick + tick/10)
			return wins(ctx, s, claim("k", "b"), time.Minute)
		},
	},
	{
		name: "no early expiry",
		says: "a record lives until its ttl has passed",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			began := time.Now()
			if err := wins(ctx, s, claim("k", "a"), 2*tick); err != nil {
				return err
			}
			time.Sleep(tick + tick/2)
			_, err := pending(ctx, s, claim("k", "a"))
			if time.Since(began) >= 2*tick-time.Millisecond {
				return nil // this machine was too slow to tell
			}
			return err
		},
	},
	{
		name: "release",
		says: "Release drops c if it is pending, so that the next may claim the key, and no other",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			c, other := claim("k", "a"), claim("k2", "a")
			if err := errors.Join(wins(ctx, s, c, time.Minute), wins(ctx, s, other, time.Minute), s.Release(ctx, c), wins(ctx, s, claim("k", "b"), time.Minute)); err != nil {
				return err
			}
			_, err := pending(ctx, s, other)
			return err
		},
	},
	{
		name: "release what is complete",
		says: "Release of a claim that is complete is no error, and nothing changes",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			c := claim("k", "a")
			return errors.Join(wins(ctx, s, c, time.Minute), s.Complete(ctx, c, []byte("result"), time.Hour), s.Release(ctx, c), complete(ctx, s, c, []byte("result")))
		},
	},
	{
		name: "release what has ended",
		says: "Release of a claim that has ended is no error",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			c := claim("k", "a")
			if err := wins(ctx, s, c, tick/2); err != nil {
				return err
			}
			time.Sleep(tick)
			return errors.Join(s.Release(ctx, c), s.Release(ctx, c), s.Release(ctx, claim("never", "a")))
		},
	},
	{
		name: "a very long ttl",
		says: "a ttl is at least a millisecond: there is no longest one",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			for i, ttl := range []time.Duration{24 * 365 * time.Hour, math.MaxInt64} {
				c := claim(fmt.Sprint("k", i), "a")
				if _, own, err := s.Acquire(ctx, c, ttl); err != nil || !own {
					return fmt.Errorf("Acquire(ttl %v) = %v, %v", ttl, own, err)
				}
				if _, err := pending(ctx, s, c); err != nil {
					return err
				}
				if err := errors.Join(s.Complete(ctx, c, nil, ttl), complete(ctx, s, c, nil)); err != nil {
					return fmt.Errorf("ttl %v: %w", ttl, err)
				}
			}
			return nil
		},
	},
}
