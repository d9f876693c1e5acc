package idempotencytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

var readRules = []rule{
	{
		name:     "get",
		says:     "Get returns the live record of key",
		optional: true,
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			if _, err := idempotency.Get(ctx, s, "k"); errors.Is(err, errors.ErrUnsupported) {
				return err
			}
			c := claim("k", "a")
			if err := wins(ctx, s, c, time.Minute); err != nil {
				return err
			}
			r, err := idempotency.Get(ctx, s, "k")
			if err != nil || r.Key != "k" || r.Fingerprint != c.Fingerprint || r.Status != idempotency.Pending || len(r.Result) != 0 || !r.ExpiresAt.After(r.CreatedAt) {
				return fmt.Errorf("Get of a claim = %+v, %v", r, err)
			}
			if err := s.Complete(ctx, c, []byte("result"), time.Hour); err != nil {
				return err
			}
			r, err = idempotency.Get(ctx, s, "k")
			if lasts := r.ExpiresAt.Sub(r.CreatedAt); err != nil || r.Status != idempotency.Complete || string(r.Result) != "result" || lasts < time.Minute*59 || lasts > time.Minute*61 {
				return fmt.Errorf("Get of a result = %+v, %v", r, err)
			}
			copy(r.Result, "RESULT")
			return complete(ctx, s, c, []byte("result"))
		},
	},
	{
		name:     "get nothing",
		says:     "Get returns an error wrapping ErrNotFound if key has no live record; keys that CheckKey refuses are its error",
		optional: true,
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			if _, err := idempotency.Get(ctx, s, "k"); errors.Is(err, errors.ErrUnsupported) {
				return err
			}
			if err := wins(ctx, s, claim("expired", "a"), tick/2); err != nil {
				return err
			}
			time.Sleep(tick)
			for _, k := range []string{"never", "expired"} {
				if r, err := idempotency.Get(ctx, s, k); !errors.Is(err, idempotency.ErrNotFound) {
					return fmt.Errorf("Get(%s) = %+v, %v, want ErrNotFound", k, r, err)
				}
			}
			for _, k := range []string{"", strings.Repeat("k", 1025)} {
				if _, err := idempotency.Get(ctx, s, k); !errors.Is(err, idempotency.ErrClaim) {
					return fmt.Errorf("Get of a key of %d bytes = %v, want ErrClaim", len(k), err)
				}
			}
			return nil
		},
	},
}
