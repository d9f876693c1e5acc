package statetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// expirer returns s as one, or says that it is none.
func expirer(s state.Store) (state.Expirer, error) {
	if x, ok := s.(state.Expirer); ok {
		return x, nil
	}
	return nil, fmt.Errorf("the ttl of an entry alone: %w", errors.ErrUnsupported)
}

// lasts checks the ttl of key: least to most, or Permanent if both are zero.
func lasts(ctx context.Context, x state.Expirer, key string, least, most time.Duration) error {
	ttl, err := x.TTL(ctx, key)
	if err != nil || ttl < least || ttl > most {
		return fmt.Errorf("TTL(%s) = %v, %v, want %v to %v", key, ttl, err, least, most)
	}
	return nil
}

// ended checks that an entry is absent from every method.
func ended(ctx context.Context, s state.Store, key string) error {
	err := errors.Join(missing(ctx, s, key), deletes(ctx, s, key, false))
	if x, ok := s.(state.Expirer); ok {
		_, errTTL := x.TTL(ctx, key)
		for method, got := range map[string]error{"TTL": errTTL, "Expire": x.Expire(ctx, key, time.Hour)} {
			if !errors.Is(got, state.ErrNotFound) && !errors.Is(got, errors.ErrUnsupported) {
				err = errors.Join(err, fmt.Errorf("%s(%s) = %v, want ErrNotFound", method, key, got))
			}
		}
	}
	if w, ok := s.(state.Swapper); ok {
		for method, got := range map[string]error{"Swap": w.Swap(ctx, key, []byte("v"), nil, 0), "Remove": w.Remove(ctx, key, []byte("v"))} {
			if !errors.Is(got, state.ErrChanged) && !errors.Is(got, errors.ErrUnsupported) {
				err = errors.Join(err, fmt.Errorf("%s(%s) = %v, want ErrChanged", method, key, got))
			}
		}
	}
	if b, ok := s.(state.Batcher); ok {
		if m, got := b.GetMany(ctx, []string{key}); len(m) > 0 || got != nil && !errors.Is(got, errors.ErrUnsupported) {
			err = errors.Join(err, fmt.Errorf("GetMany(%s) = %q, %v, want nothing", key, m, got))
		}
	}
	return errors.Join(err, missing(ctx, s, key))
}

var expiryRules = []rule{
	{
		name: "expiry",
		says: "an entry whose ttl has passed is absent from every method",
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			if err := s.Set(ctx, "k", []byte("v"), tick); err != nil {
				return err
			}
			time.Sleep(tick + tick/10)
			return ended(ctx, s, "k")
		},
	},
	{
		name: "no early expiry",
		says: "a ttl holds to the millisecond: until then there is an entry",
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
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
		name:    "permanent",
		hurries: true,
		says:    "the ttl Permanent keeps an entry until it is deleted, also in place of an entry with a ttl, deleted or not",
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			if err := errors.Join(s.Set(ctx, "k", []byte("v"), tick), s.Set(ctx, "k", []byte("w"), state.Permanent),
				s.Set(ctx, "deleted", []byte("v"), tick), deletes(ctx, s, "deleted", true), s.Set(ctx, "deleted", []byte("w"), state.Permanent)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "k", []byte("w")), holds(ctx, s, "deleted", []byte("w")))
		},
	},
	{
		name: "set resets the ttl",
		says: "Set stores value for ttl, in place of the ttl that was there, be it longer or shorter",
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
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
		name: "a very long ttl",
		says: "a ttl is at least a millisecond: there is no longest one",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
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
	{
		name:     "ttl",
		says:     "TTL returns how long the entry lasts, more than zero, or Permanent, or an error wrapping ErrNotFound",
		optional: true,
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			x, err := expirer(s)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "k", nil, time.Minute), s.Set(ctx, "permanent", nil, state.Permanent)); err != nil {
				return err
			}
			if _, err := x.TTL(ctx, "absent"); !errors.Is(err, state.ErrNotFound) {
				return fmt.Errorf("TTL(absent) = %v, want ErrNotFound", err)
			}
			if err := lasts(ctx, x, "k", time.Second, time.Minute); err != nil {
				return err
			}
			return lasts(ctx, x, "permanent", state.Permanent, state.Permanent)
		},
	},
	{
		name:     "expire",
		hurries:  true,
		says:     "Expire makes the entry last for ttl from now, be that longer or shorter; its value stays",
		optional: true,
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			x, err := expirer(s)
			if err != nil {
				return err
			}
			v := []byte("v")
			if err := errors.Join(s.Set(ctx, "longer", v, tick), s.Set(ctx, "shorter", v, time.Hour), s.Set(ctx, "begins", v, 0), s.Set(ctx, "clears", v, tick)); err != nil {
				return err
			}
			if err := x.Expire(ctx, "longer", time.Hour); err != nil {
				return err
			}
			if err := errors.Join(x.Expire(ctx, "shorter", tick), x.Expire(ctx, "begins", tick), x.Expire(ctx, "clears", state.Permanent)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "longer", v), missing(ctx, s, "shorter"), missing(ctx, s, "begins"), holds(ctx, s, "clears", v),
				lasts(ctx, x, "clears", state.Permanent, state.Permanent), lasts(ctx, x, "longer", time.Minute, time.Hour))
		},
	},
	{
		name:     "expire what is absent",
		says:     "Expire returns an error wrapping ErrNotFound for a key without an entry, and makes none",
		optional: true,
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			x, err := expirer(s)
			if err != nil {
				return err
			}
			for _, ttl := range []time.Duration{time.Hour, state.Permanent} {
				if err := x.Expire(ctx, "absent", ttl); !errors.Is(err, state.ErrNotFound) {
					return fmt.Errorf("Expire(absent, %v) = %v, want ErrNotFound", ttl, err)
				}
			}
			return missing(ctx, s, "absent")
		},
	},
}
