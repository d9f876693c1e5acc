package cachetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// many calls the store's own GetMany.
func many(ctx context.Context, s cache.Store, keys ...string) (map[string][]byte, error) {
	b, ok := s.(cache.Batcher)
	if !ok {
		return nil, fmt.Errorf("GetMany in one round trip: %w", errors.ErrUnsupported)
	}
	return b.GetMany(ctx, keys)
}

var batchRules = []rule{
	{
		name:     "get many",
		says:     "GetMany returns the live entries among keys, each once; a missing key is absent from the map",
		optional: true,
		check: func(ctx context.Context, s cache.Store, tick time.Duration) error {
			if err := errors.Join(s.Set(ctx, "a", []byte("1"), 0), s.Set(ctx, "empty", nil, 0),
				s.Set(ctx, "b", []byte("2"), time.Hour), s.Set(ctx, "old", []byte("3"), tick)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			got, err := many(ctx, s, "a", "absent", "b", "old", "a", "empty")
			if err != nil {
				return err
			}
			if len(got) != 3 || string(got["a"]) != "1" || string(got["b"]) != "2" || len(got["empty"]) != 0 {
				return fmt.Errorf("GetMany(a, absent, b, old, a, empty) = %q, want a, b and empty", got)
			}
			if _, ok := got["empty"]; !ok {
				return fmt.Errorf("GetMany(… empty) = %q, lacks the empty value", got)
			}
			got, err = many(ctx, s)
			if err != nil || len(got) != 0 {
				return fmt.Errorf("GetMany() = %q, %v, want nothing", got, err)
			}
			return nil
		},
	},
	{
		name:     "get many copies",
		says:     "a Store copies what it returns",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			got, err := many(ctx, s, "k")
			if err != nil {
				return err
			}
			copy(got["k"], "after!")
			return holds(ctx, s, "k", []byte("before"))
		},
	},
	{
		name:     "get many of an invalid key",
		says:     "one key that CheckKey refuses fails the call",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("v"), 0); err != nil {
				return err
			}
			got, err := many(ctx, s, "k", "")
			if errors.Is(err, errors.ErrUnsupported) {
				return err
			}
			if !errors.Is(err, cache.ErrKey) {
				return fmt.Errorf("GetMany(k, %q) = %q, %v, want ErrKey", "", got, err)
			}
			return nil
		},
	},
}
