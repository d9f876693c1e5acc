package cachetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
		name:     "get many of very many",
		says:     "GetMany returns the live entries among keys, however many those are",
		optional: true,
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			keys := make([]string, 1_500)
			for i := range keys {
				keys[i] = fmt.Sprint("k", i)
				if err := s.Set(ctx, keys[i], []byte(keys[i]), 0); err != nil {
					return err
				}
			}
			got, err := many(ctx, s, keys...)
			if err != nil {
				return err
			}
			for _, k := range keys {
				if v, ok := got[k]; ok && string(v) != k {
					return fmt.Errorf("GetMany of %d keys has %.40q under %q", len(keys), v, k)
				} else if ok {
					continue
				}
				if _, err := s.Get(ctx, k); !errors.Is(err, cache.ErrMiss) { // it may have been evicted
					return fmt.Errorf("GetMany of %d keys returned %d entries and lacks %q, but Get = %v", len(keys), len(got), k, err)
				}
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
			for _, bad := range []string{"", strings.Repeat("k", 1025)} {
				got, err := many(ctx, s, "k", bad)
				if errors.Is(err, errors.ErrUnsupported) {
					return err
				}
				if !errors.Is(err, cache.ErrKey) {
					return fmt.Errorf("GetMany of k and a key of %d bytes = %q, %v, want ErrKey", len(bad), got, err)
				}
			}
			return nil
		},
	},
}
