package locktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

var argumentRules = []rule{
	{
		name: "invalid names",
		says: "names and owners that CheckName refuses are its error; after that, a ctx that has ended is one",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			gone, cancel := context.WithCancel(ctx)
			cancel()
			for _, bad := range []string{"", strings.Repeat("k", 1025)} {
				for _, ctx := range []context.Context{ctx, gone} {
					_, errName := s.Acquire(ctx, bad, "a", time.Minute)
					_, errOwner := s.Acquire(ctx, "n", bad, time.Minute)
					for method, err := range map[string]error{
						"Acquire of a name": errName, "Acquire by an owner": errOwner,
						"Extend of a name": s.Extend(ctx, bad, "a", time.Minute), "Extend by an owner": s.Extend(ctx, "n", bad, time.Minute),
						"Release of a name": s.Release(ctx, bad, "a"), "Release by an owner": s.Release(ctx, "n", bad),
					} {
						if !errors.Is(err, lock.ErrName) {
							return fmt.Errorf("%s of %d bytes = %v, want ErrName", method, len(bad), err)
						}
					}
				}
			}
			return nil
		},
	},
	{
		name: "invalid ttl",
		says: "what CheckTTL refuses is its error, and nothing changes",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", time.Minute)
			if err != nil {
				return err
			}
			for _, ttl := range []time.Duration{0, -1, -time.Hour, 1, time.Millisecond - 1} {
				if _, err := s.Acquire(ctx, "free", "a", ttl); !errors.Is(err, lock.ErrTTL) {
					return fmt.Errorf("Acquire(ttl %v) = %v, want ErrTTL", ttl, err)
				}
				if err := s.Extend(ctx, "n", "a", ttl); !errors.Is(err, lock.ErrTTL) {
					return fmt.Errorf("Extend(ttl %v) = %v, want ErrTTL", ttl, err)
				}
			}
			if _, err := grants(ctx, s, "free", "b", time.Minute); err != nil {
				return err
			}
			return holds(ctx, s, "n", "a", fence)
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: func(ctx context.Context, s lock.Store, _ time.Duration) error {
			fence, err := grants(ctx, s, "n", "a", time.Minute)
			if err != nil {
				return err
			}
			cause := errors.New("the caller left")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			_, errAcquire := s.Acquire(gone, "free", "a", time.Minute)
			_, errHeld := s.Acquire(gone, "n", "b", time.Minute)
			for method, err := range map[string]error{
				"Acquire": errAcquire, "Acquire of a name that is held": errHeld,
				"Extend": s.Extend(gone, "n", "a", time.Millisecond), "Release": s.Release(gone, "n", "a"),
			} {
				if !errors.Is(err, cause) {
					return fmt.Errorf("%s with a context that has ended = %v, want its cause", method, err)
				}
			}
			if err := holds(ctx, s, "n", "a", fence); err != nil {
				return err
			}
			_, err = grants(ctx, s, "free", "b", time.Minute)
			return err
		},
	},
}
