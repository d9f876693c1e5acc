package locktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// holds checks that owner has the live lease on name with the fence.
func holds(ctx context.Context, s lock.Store, name, owner string, fence uint64) error {
	if got, err := s.Acquire(ctx, name, "somebody else", time.Minute); !errors.Is(err, lock.ErrHeld) {
		return fmt.Errorf("Acquire(%.40q) by somebody else = %d, %v, want ErrHeld", name, got, err)
	}
	if got, err := s.Acquire(ctx, name, owner, time.Minute); err != nil || got != fence {
		return fmt.Errorf("Acquire(%.40q) by its owner = %d, %v, want fence %d again", name, got, err, fence)
	}
	return nil
}

// grants acquires a name that is free and checks the fence.
func grants(ctx context.Context, s lock.Store, name, owner string, ttl time.Duration) (uint64, error) {
	fence, err := s.Acquire(ctx, name, owner, ttl)
	if err != nil {
		return 0, fmt.Errorf("Acquire(%.40q) by %.40q = %v, want a lease", name, owner, err)
	}
	if fence == 0 || fence >= 1<<53 {
		return 0, fmt.Errorf("Acquire(%.40q) has fence %d, want one from 1 to 1<<53 - 1", name, fence)
	}
	return fence, nil
}

// newer acquires a name that is free and checks that the fence grew.
func newer(ctx context.Context, s lock.Store, name, owner string, ttl time.Duration, than uint64) (uint64, error) {
	fence, err := grants(ctx, s, name, owner, ttl)
	if err == nil && fence <= than {
		err = fmt.Errorf("Acquire(%.40q) by %.40q has fence %d, after %d", name, owner, fence, than)
	}
	return fence, err
}

var leaseRules = []rule{
	{
		name: "acquire",
		says: "Acquire gives owner a lease and returns its fence, or an error wrapping ErrHeld if another owner has one; it waits for nobody",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", time.Minute)
			if err != nil {
				return err
			}
			began := time.Now()
			err = holds(ctx, s, "n", "a", fence)
			if took := time.Since(began); err == nil && took > 10*time.Second {
				err = fmt.Errorf("Acquire of a name that is held took %v", took)
			}
			return err
		},
	},
	{
		name:    "the owner again",
		hurries: true,
		says:    "for the owner of the live lease Acquire sets its end, and returns the fence it has: a request may be sent twice",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", tick)
			if err != nil {
				return err
			}
			again, err := s.Acquire(ctx, "n", "a", time.Minute)
			if err != nil || again != fence {
				return fmt.Errorf("Acquire by the owner again = %d, %v, want %d", again, err, fence)
			}
			time.Sleep(2 * tick)
			if err := holds(ctx, s, "n", "a", fence); err != nil {
				return fmt.Errorf("after the first ttl: %w", err)
			}
			return nil
		},
	},
	{
		name: "the fence grows",
		says: "the fence grows with every lease on the name, across owners",
		check: func(ctx context.Context, s lock.Store, tick time.Duration) (err error) {
			var last uint64
			for i := range 20 {
				owner, ttl := fmt.Sprint("o", i), time.Minute
				if i == 18 {
					ttl = tick / 5
				}
				if last, err = newer(ctx, s, "n", owner, ttl, last); err != nil {
					return err
				}
				if i == 18 {
					time.Sleep(tick) // it ends by itself
				} else if err := s.Release(ctx, "n", owner); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "names are apart",
		says: "a lease is on one name; names and owners are 1 to 1,024 bytes, whatever they are",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			var every [256]byte
			for i := range every {
				every[i] = byte(i)
			}
			names := []string{
				string(every[:]), "a", "A", " a", "a ", "a\x00", "a\x00b", "a\r\n", "\xff\xfe", "*", "k{1}", "{k}1", "a:b", "a/../b",
				strings.Repeat("k", 1024), strings.Repeat("k", 1023), "é", "e\u0301",
			}
			fences := make([]uint64, len(names))
			for i, n := range names {
				var err error
				if fences[i], err = grants(ctx, s, n, n, time.Minute); err != nil {
					return err
				}
			}
			for i, n := range names {
				if err := holds(ctx, s, n, n, fences[i]); err != nil {
					return err
				}
			}
			return nil
		},
	},
}
