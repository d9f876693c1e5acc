package statetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// calls calls every method of s that works on a key.
func calls(ctx context.Context, s state.Store, key string, value []byte, ttl time.Duration) map[string]error {
	_, errGet := s.Get(ctx, key)
	_, errDelete := s.Delete(ctx, key)
	errs := map[string]error{"Get": errGet, "Set": s.Set(ctx, key, value, ttl), "Delete": errDelete}
	if x, ok := s.(state.Expirer); ok {
		_, errs["TTL"] = x.TTL(ctx, key)
		errs["Expire"] = x.Expire(ctx, key, ttl)
	}
	if w, ok := s.(state.Swapper); ok {
		errs["Create"] = w.Create(ctx, key, value, ttl)
		errs["Swap"] = w.Swap(ctx, key, []byte("before"), value, ttl)
		errs["Remove"] = w.Remove(ctx, key, []byte("before"))
	}
	if b, ok := s.(state.Batcher); ok {
		_, errs["GetMany"] = b.GetMany(ctx, []string{"other", key})
		errs["SetMany"] = b.SetMany(ctx, map[string][]byte{"other": value, key: value}, ttl)
	}
	for method, err := range errs { // of a decorator
		if errors.Is(err, errors.ErrUnsupported) {
			delete(errs, method)
		}
	}
	return errs
}

var argumentRules = []rule{
	{
		name: "invalid keys",
		says: "a key that CheckKey refuses is its error from every method, and changes nothing; after that, a ctx that has ended is one",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			gone, cancel := context.WithCancel(ctx)
			cancel()
			for _, k := range []string{"", strings.Repeat("k", 1025)} {
				for _, ctx := range []context.Context{ctx, gone} {
					for method, err := range calls(ctx, s, k, nil, 0) {
						if !errors.Is(err, state.ErrKey) {
							return fmt.Errorf("%s of a key of %d bytes = %v, want ErrKey", method, len(k), err)
						}
					}
				}
			}
			return missing(ctx, s, "other")
		},
	},
	{
		name: "invalid ttl",
		says: "a ttl that CheckTTL refuses is its error, and changes nothing",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			for _, ttl := range []time.Duration{-1, -time.Hour, 1, time.Microsecond, time.Millisecond - 1} {
				all := map[string]error{"Set": s.Set(ctx, "k", []byte("after"), ttl)}
				if x, ok := s.(state.Expirer); ok {
					all["Expire"] = x.Expire(ctx, "k", ttl)
				}
				if w, ok := s.(state.Swapper); ok {
					all["Create"], all["Swap"] = w.Create(ctx, "absent", nil, ttl), w.Swap(ctx, "k", []byte("before"), nil, ttl)
				}
				if b, ok := s.(state.Batcher); ok {
					all["SetMany"] = b.SetMany(ctx, map[string][]byte{"absent": nil}, ttl)
				}
				for method, err := range all {
					if !errors.Is(err, state.ErrTTL) && !errors.Is(err, errors.ErrUnsupported) {
						return fmt.Errorf("%s(ttl %v) = %v, want ErrTTL", method, ttl, err)
					}
				}
				if err := errors.Join(holds(ctx, s, "k", []byte("before")), missing(ctx, s, "absent")); err != nil {
					return fmt.Errorf("after ttl %v: %w", ttl, err)
				}
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			cause := errors.New("the caller left")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			for _, key := range []string{"k", "absent"} {
				for method, err := range calls(gone, s, key, []byte("after"), 0) {
					if !errors.Is(err, cause) {
						return fmt.Errorf("%s of %s with a context that has ended = %v, want its cause", method, key, err)
					}
				}
			}
			return errors.Join(holds(ctx, s, "k", []byte("before")), missing(ctx, s, "absent"), missing(ctx, s, "other"))
		},
	},
}
