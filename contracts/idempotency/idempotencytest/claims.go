package idempotencytest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// claim returns a claim on key; token names it.
func claim(key, token string) idempotency.Claim {
	return idempotency.Claim{Key: key, Token: token, Fingerprint: "fingerprint of " + token}
}

// wins acquires c, which nobody is in the way of, and checks the record.
func wins(ctx context.Context, s idempotency.Store, c idempotency.Claim, ttl time.Duration) error {
	r, own, err := s.Acquire(ctx, c, ttl)
	lasts := r.ExpiresAt.Sub(r.CreatedAt)
	if err != nil || !own || r.Key != c.Key || r.Fingerprint != c.Fingerprint || r.Status != idempotency.Pending || len(r.Result) != 0 ||
		lasts < ttl-time.Second || lasts > ttl+time.Minute/2 {
		return fmt.Errorf("Acquire by %.20q = %+v, %v, %v, want its own pending record of %v", c.Token, r, own, err, ttl)
	}
	return nil
}

// pending checks that c, a claim that is pending, stands in another's way, and returns its record.
func pending(ctx context.Context, s idempotency.Store, c idempotency.Claim) (idempotency.Record, error) {
	r, own, err := s.Acquire(ctx, claim(c.Key, "somebody else"), time.Hour)
	if err != nil || own || r.Key != c.Key || r.Fingerprint != c.Fingerprint || r.Status != idempotency.Pending {
		return r, fmt.Errorf("Acquire by somebody else = %+v, %v, %v, want the pending record of %.20q", r, own, err, c.Token)
	}
	return r, nil
}

// complete checks that the result of c stands in another's way.
func complete(ctx context.Context, s idempotency.Store, c idempotency.Claim, result []byte) error {
	r, own, err := s.Acquire(ctx, claim(c.Key, "somebody else"), time.Hour)
	if err != nil || own || r.Key != c.Key || r.Fingerprint != c.Fingerprint || r.Status != idempotency.Complete || !bytes.Equal(r.Result, result) {
		return fmt.Errorf("Acquire by somebody else = %.200v, %v, %v, want the result %.40q of %.20q", r, own, err, result, c.Token)
	}
	return nil
}

var claimRules = []rule{
	{
		name: "acquire",
		says: "Acquire claims c.Key, unless it has a live record; it returns the live record, and whether it is c's own",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			c := claim("k", "a")
			if err := wins(ctx, s, c, time.Minute); err != nil {
				return err
			}
			if _, err := pending(ctx, s, c); err != nil {
				return err
			}
			return wins(ctx, s, claim("k2", "a"), time.Minute)
		},
	},
	{
		name: "the claim again",
		says: "called again with c, Acquire sets the end if c is pending",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			longer, shorter := claim("longer", "a"), claim("shorter", "a")
			for _, c := range []struct {
				claim idempotency.Claim
				ttl   time.Duration
			}{{longer, tick}, {shorter, time.Minute}, {longer, time.Minute}, {shorter, tick}} {
				if r, own, err := s.Acquire(ctx, c.claim, c.ttl); err != nil || !own || r.Status != idempotency.Pending {
					return fmt.Errorf("Acquire(%s) = %+v, %v, %v, want its own pending record", c.claim.Key, r, own, err)
				}
			}
			time.Sleep(2 * tick)
			if _, err := pending(ctx, s, longer); err != nil {
				return err
			}
			return wins(ctx, s, claim("shorter", "b"), time.Minute)
		},
	},
	{
		name: "any bytes",
		says: "keys, tokens and fingerprints are bytes, whatever they are",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			var every [256]byte
			for i := range every {
				every[i] = byte(i)
			}
			all := string(every[:])
			for _, k := range []string{all, "a", "A", " a", "a ", "a\x00", "a\r\n", "\xff\xfe", "*", "k{1}", "a:b", strings.Repeat("k", 1024), "é", "e\u0301"} {
				c := idempotency.Claim{Key: k, Token: all, Fingerprint: all}
				if err := wins(ctx, s, c, time.Minute); err != nil {
					return err
				}
				if _, err := pending(ctx, s, c); err != nil {
					return err
				}
			}
			if err := s.Complete(ctx, idempotency.Claim{Key: "a", Token: all}, every[:], time.Minute); err != nil {
				return err
			}
			return complete(ctx, s, idempotency.Claim{Key: "a", Token: all, Fingerprint: all}, every[:])
		},
	},
}
