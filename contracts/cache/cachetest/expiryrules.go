package cachetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var expiryRules = []rule{
	{
		name: "expiry",
		says: "another [ttl] holds to the millisecond; an expired key is a miss",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := s.Set(ctx, "k", []byte("v"), tick); err != nil {
				return err
			}
			time.Sleep(tick + tick/10)
			return missing(ctx, s, "k")
		},
	},
	{
		name: "no early expiry",
		says: "a ttl holds to the millisecond: until then there is an entry",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			begin := time.Now()
			if err := s.Set(ctx, "k", []byte("v"), 2*tick); err != nil {
				return err
			}
			time.Sleep(tick + tick/2)
			err := holds(ctx, s, "k", []byte("v"))
			if time.Since(begin) >= 2*tick-time.Millisecond {
				return nil // this machine was too slow to tell
			}
			return err
		},
	},
	{
		name: "no ttl keeps",
		says: "a ttl of zero keeps the entry until it is deleted or evicted, also in place of an entry with a ttl",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := errors.Join(s.Set(ctx, "k", []byte("v"), tick), s.Set(ctx, "k", []byte("w"), 0), s.Set(ctx, "other", []byte("v"), 0)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "k", []byte("w")), holds(ctx, s, "other", []byte("v")))
		},
	},
	{
		name: "set resets the ttl",
		says: "Set stores value under key, in place of the ttl that was there, be it longer or shorter",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := errors.Join(
				s.Set(ctx, "longer", []byte("v"), tick), s.Set(ctx, "longer", []byte("w"), 100*tick),
				s.Set(ctx, "shorter", []byte("v"), 100*tick), s.Set(ctx, "shorter", []byte("w"), tick),
				s.Set(ctx, "ends", []byte("v"), 0), s.Set(ctx, "ends", []byte("w"), tick),
			); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "longer", []byte("w")), missing(ctx, s, "shorter"), missing(ctx, s, "ends"))
		},
	},
	{
		name: "delete forgets the ttl",
		says: "a ttl of zero keeps the entry, also after Delete of one with a ttl: what was to end that one is gone with it",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := errors.Join(s.Set(ctx, "k", []byte("v"), tick), s.Delete(ctx, "k"), s.Set(ctx, "k", []byte("w"), 0)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return holds(ctx, s, "k", []byte("w"))
		},
	},
	{
		name: "reading does not extend",
		says: "a ttl begins with Set and not with the last Get",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := s.Set(ctx, "k", []byte("v"), 2*tick); err != nil {
				return err
			}
			for range 3 {
				time.Sleep(tick)
				if _, err := s.Get(ctx, "k"); err != nil && !errors.Is(err, cache.ErrMiss) {
					return err
				}
			}
			return missing(ctx, s, "k")
		},
	},
	{
		name: "a very long ttl",
		says: "another ttl is at least a millisecond: there is no longest one",
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			for _, ttl := range []time.Duration{24 * 365 * time.Hour, math.MaxInt64} {
				if err := s.Set(ctx, "k", []byte("v"), ttl); err != nil {
					return fmt.Errorf("Set(ttl %v) = %w", ttl, err)
				}
				if err := holds(ctx, s, "k", []byte("v")); err != nil {
					return fmt.Errorf("after Set(ttl %v): %w", ttl, err)
				}
			}
			return nil
		},
	},
}
