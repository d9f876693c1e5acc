package idempotencytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// calls calls every method of s.
func calls(ctx context.Context, s idempotency.Store, c idempotency.Claim, ttl time.Duration) map[string]error {
	_, _, err := s.Acquire(ctx, c, ttl)
	return map[string]error{"Acquire": err, "Complete": s.Complete(ctx, c, []byte("after"), ttl), "Release": s.Release(ctx, c)}
}

var argumentRules = []rule{
	{
		name: "invalid claims",
		says: "claims that CheckClaim refuses are its error; after that, a ctx that has ended is one",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			gone, cancel := context.WithCancel(ctx)
			cancel()
			long := strings.Repeat("k", 1025)
			for _, c := range []idempotency.Claim{{Key: "", Token: "t"}, {Key: long, Token: "t"}, {Key: "k"}, {Key: "k", Token: long[:257]}, {Key: "k", Token: "t", Fingerprint: long[:257]}} {
				for _, ctx := range []context.Context{ctx, gone} {
					for method, err := range calls(ctx, s, c, time.Minute) {
						if !errors.Is(err, idempotency.ErrClaim) {
							return fmt.Errorf("%s of %.80v = %v, want ErrClaim", method, c, err)
						}
					}
				}
			}
			return wins(ctx, s, claim("k", "a"), time.Minute)
		},
	},
	{
		name: "invalid ttl",
		says: "a ttl that CheckTTL refuses is its error, and changes nothing",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			c := claim("k", "a")
			if err := wins(ctx, s, c, time.Minute); err != nil {
				return err
			}
			for _, ttl := range []time.Duration{0, -1, -time.Hour, 1, time.Millisecond - 1} {
				if _, _, err := s.Acquire(ctx, claim("free", "a"), ttl); !errors.Is(err, idempotency.ErrTTL) {
					return fmt.Errorf("Acquire(ttl %v) = %v, want ErrTTL", ttl, err)
				}
				if err := s.Complete(ctx, c, nil, ttl); !errors.Is(err, idempotency.ErrTTL) {
					return fmt.Errorf("Complete(ttl %v) = %v, want ErrTTL", ttl, err)
				}
			}
			if _, err := pending(ctx, s, c); err != nil {
				return err
			}
			return wins(ctx, s, claim("free", "b"), time.Minute)
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			c, free := claim("k", "a"), claim("free", "a")
			if err := wins(ctx, s, c, time.Minute); err != nil {
				return err
			}
			cause := errors.New("the caller left")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			for _, c := range []idempotency.Claim{c, free} {
				for method, err := range calls(gone, s, c, time.Hour) {
					if !errors.Is(err, cause) {
						return fmt.Errorf("%s with a context that has ended = %v, want its cause", method, err)
					}
				}
			}
			if _, err := pending(ctx, s, c); err != nil {
				return err
			}
			return wins(ctx, s, claim("free", "b"), time.Minute)
		},
	},
}
