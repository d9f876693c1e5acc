package cachetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// sum checks what an increment of key returns.
func sum(ctx context.Context, c cache.Counter, key string, delta int64, ttl time.Duration, want int64) error {
	got, err := c.Increment(ctx, key, delta, ttl)
	if got != want || err != nil {
		return wrong(err, "Increment(%s, %d) = %d, %v, want %d", key, delta, got, err, want)
	}
	return nil
}

var countRules = []rule{
	{
		name:     "increment",
		says:     "Increment adds delta to the number under key and returns the sum; key without an entry counts as zero; the value is the number as FormatInt writes it",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			c, err := able[cache.Counter](s)
			if err != nil {
				return err
			}
			return errors.Join(sum(ctx, c, "n", 5, 0, 5), sum(ctx, c, "n", -7, 0, -2), holds(ctx, s, "n", []byte("-2")), sum(ctx, c, "n", 0, 0, -2),
				s.Set(ctx, "n", []byte("40"), 0), sum(ctx, c, "n", 2, 0, 42), s.Delete(ctx, "n"), sum(ctx, c, "n", 0, 0, 0), holds(ctx, s, "n", []byte("0")),
				sum(ctx, c, "large", math.MaxInt64, 0, math.MaxInt64), sum(ctx, c, "small", math.MinInt64, 0, math.MinInt64))
		},
	},
	{
		name:     "increment and ttl",
		says:     "the first sum lives for ttl; an entry that is there keeps the ttl that it has",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			c, err := able[cache.Counter](s)
			if err != nil {
				return err
			}
			if err := errors.Join(sum(ctx, c, "short", 1, tick, 1), sum(ctx, c, "kept", 1, 0, 1), sum(ctx, c, "kept", 1, tick, 2)); err != nil {
				return err
			}
			if _, err := c.Increment(ctx, "short", 1, time.Hour); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			if _, err := s.Get(ctx, "short"); !errors.Is(err, cache.ErrMiss) && tick > time.Second {
				return wrong(err, "Get of a number whose first ttl has passed = %v, want ErrMiss", err)
			}
			return holds(ctx, s, "kept", []byte("2"))
		},
	},
	{
		name:     "increment of what is no number",
		says:     "an entry that is not such a number, or a sum that no int64 holds, is an error wrapping ErrNumber, and the entry stays as it was",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			c, err := able[cache.Counter](s)
			if err != nil {
				return err
			}
			for _, v := range []string{"", "x", "1.5", " 1", "1 ", "1e3", "0x1", "+1", "01", "-0", "1\n", "9223372036854775808", strconv.Itoa(math.MaxInt64)} {
				if err := s.Set(ctx, "n", []byte(v), 0); err != nil {
					return err
				}
				n, err := c.Increment(ctx, "n", 1, 0)
				if errors.Is(err, errors.ErrUnsupported) {
					return err
				}
				if !errors.Is(err, cache.ErrNumber) {
					return fmt.Errorf("Increment of %q = %d, %v, want ErrNumber", v, n, err)
				}
				if err := holds(ctx, s, "n", []byte(v)); err != nil {
					return err
				}
			}
			if err := s.Set(ctx, "n", []byte(strconv.Itoa(math.MinInt64)), 0); err != nil {
				return err
			}
			if n, err := c.Increment(ctx, "n", -1, 0); !errors.Is(err, cache.ErrNumber) {
				return fmt.Errorf("Increment of the least number by -1 = %d, %v, want ErrNumber", n, err)
			}
			return nil
		},
	},
	{
		name:     "concurrent increments",
		says:     "a Counter adds in one step: none is lost and no two callers get one sum",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			c, err := able[cache.Counter](s)
			if err != nil {
				return err
			}
			var mu sync.Mutex
			seen := map[int64]bool{}
			failed := make([]error, 8)
			var wg sync.WaitGroup
			for i := range failed {
				wg.Go(func() {
					for range 50 {
						n, err := c.Increment(ctx, "n", 1, time.Hour)
						mu.Lock()
						seen[n] = true
						mu.Unlock()
						failed[i] = errors.Join(failed[i], err)
					}
				})
			}
			wg.Wait()
			if err := errors.Join(failed...); err != nil || len(seen) != 400 {
				return wrong(err, "400 increments have %d different sums: %v", len(seen), err)
			}
			return holds(ctx, s, "n", []byte("400"))
		},
	},
}
