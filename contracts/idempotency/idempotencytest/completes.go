package idempotencytest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// lost checks that an operation found its claim gone.
func lost(op string, err error) error {
	if !errors.Is(err, idempotency.ErrLost) {
		return fmt.Errorf("%s = %v, want ErrLost", op, err)
	}
	return nil
}

var completeRules = []rule{
	{
		name:    "complete",
		hurries: true,
		says:    "Complete keeps result for ttl from now as that of c, and Acquire returns it to all",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			c := claim("k", "a")
			if err := errors.Join(wins(ctx, s, c, tick), s.Complete(ctx, c, []byte("result"), time.Hour)); err != nil {
				return err
			}
			time.Sleep(2 * tick) // past the end of the claim
			if err := complete(ctx, s, c, []byte("result")); err != nil {
				return err
			}
			r, own, err := s.Acquire(ctx, c, time.Minute)
			if err != nil || !own || r.Status != idempotency.Complete || string(r.Result) != "result" {
				return fmt.Errorf("Acquire with the claim that is complete = %+v, %v, %v, want its own result", r, own, err)
			}
			return complete(ctx, s, c, []byte("result"))
		},
	},
	{
		name: "the claim again after complete",
		says: "called again with c, Acquire changes nothing if it is complete; CreatedAt stays that of the claim",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			c := claim("k", "a")
			before, _, err := s.Acquire(ctx, c, time.Hour)
			if err != nil {
				return err
			}
			time.Sleep(tick)
			if err := s.Complete(ctx, c, []byte("result"), time.Hour); err != nil {
				return err
			}
			after, _, err := s.Acquire(ctx, c, tick)
			if err != nil || after.CreatedAt.Sub(before.CreatedAt).Abs() > tick/2 {
				return fmt.Errorf("Acquire of the claim of %v that is complete = %+v, %v", before.CreatedAt, after, err)
			}
			time.Sleep(2 * tick)
			return complete(ctx, s, c, []byte("result"))
		},
	},
	{
		name: "results are bytes",
		says: "a store keeps the result, empty or large, and copies what it is given and what it returns",
		check: func(ctx context.Context, s idempotency.Store, _ time.Duration) error {
			for name, result := range map[string][]byte{"nil": nil, "empty": {}, "large": bytes.Repeat([]byte("0123456789abcdef"), 1<<16)} {
				c := claim(name, "a")
				if err := errors.Join(wins(ctx, s, c, time.Minute), s.Complete(ctx, c, result, time.Hour), complete(ctx, s, c, result)); err != nil {
					return err
				}
			}
			c, result := claim("k", "a"), []byte("before")
			if err := errors.Join(wins(ctx, s, c, time.Minute), s.Complete(ctx, c, result, time.Hour)); err != nil {
				return err
			}
			copy(result, "after!")
			r, _, err := s.Acquire(ctx, claim("k", "b"), time.Minute)
			if err != nil || string(r.Result) != "before" {
				return fmt.Errorf("Acquire after the caller wrote to what it gave = %+v, %v", r, err)
			}
			copy(r.Result, "after!")
			return complete(ctx, s, c, []byte("before"))
		},
	},
	{
		name: "complete twice",
		says: "if c is complete, Complete returns nil, and nothing changes",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			c := claim("k", "a")
			if err := errors.Join(wins(ctx, s, c, time.Minute), s.Complete(ctx, c, []byte("first"), time.Hour)); err != nil {
				return err
			}
			if err := s.Complete(ctx, c, []byte("second"), tick); err != nil {
				return fmt.Errorf("Complete of what is complete = %w", err)
			}
			time.Sleep(2 * tick)
			return complete(ctx, s, c, []byte("first"))
		},
	},
	{
		name: "complete what is not held",
		says: "if c has ended or was never acquired, Complete returns an error wrapping ErrLost, and nothing changes",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			released := claim("released", "a")
			if err := errors.Join(wins(ctx, s, claim("expired", "a"), tick/2), wins(ctx, s, released, time.Minute), s.Release(ctx, released)); err != nil {
				return err
			}
			time.Sleep(tick)
			for _, k := range []string{"expired", "released", "never"} {
				if err := lost("Complete of one that is "+k, s.Complete(ctx, claim(k, "a"), nil, time.Hour)); err != nil {
					return err
				}
				if err := wins(ctx, s, claim(k, "b"), time.Minute); err != nil {
					return fmt.Errorf("after Complete of one that is %s: %w", k, err)
				}
			}
			return nil
		},
	},
	{
		name: "complete another's",
		says: "a claim that another took the place of cannot complete or release what is the other's",
		check: func(ctx context.Context, s idempotency.Store, tick time.Duration) error {
			slow, next := claim("k", "slow"), claim("k", "next")
			if err := wins(ctx, s, slow, tick/2); err != nil {
				return err
			}
			time.Sleep(tick)
			if err := wins(ctx, s, next, time.Minute); err != nil {
				return err
			}
			if err := lost("Complete by the slow one", s.Complete(ctx, slow, []byte("slow"), time.Hour)); err != nil {
				return err
			}
			if err := s.Release(ctx, slow); err != nil {
				return err
			}
			if _, err := pending(ctx, s, next); err != nil {
				return err
			}
			if err := s.Complete(ctx, next, []byte("next"), time.Hour); err != nil {
				return err
			}
			return errors.Join(lost("Complete after the other did", s.Complete(ctx, slow, []byte("slow"), time.Hour)), complete(ctx, s, next, []byte("next")))
		},
	},
}
