package cachetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var argumentRules = []rule{
	{
		name: "invalid keys",
		says: "a key that CheckKey refuses is an error wrapping ErrKey from every method; after that, a ctx that has ended is one",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			gone, cancel := context.WithCancel(ctx)
			cancel()
			for _, k := range []string{"", strings.Repeat("k", 1025)} {
				for _, ctx := range []context.Context{ctx, gone} {
					_, errGet := s.Get(ctx, k)
					for method, err := range map[string]error{"Get": errGet, "Set": s.Set(ctx, k, nil, 0), "Delete": s.Delete(ctx, k)} {
						if !errors.Is(err, cache.ErrKey) {
							return fmt.Errorf("%s of a key of %d bytes = %v, want ErrKey", method, len(k), err)
						}
					}
				}
			}
			return nil
		},
	},
	{
		name: "invalid ttl",
		says: "what CheckTTL refuses is an error wrapping ErrTTL, and the entry stays as it was",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			for _, ttl := range []time.Duration{-1, -time.Hour, 1, time.Microsecond, time.Millisecond - 1} {
				if err := s.Set(ctx, "k", []byte("after"), ttl); !errors.Is(err, cache.ErrTTL) {
					return fmt.Errorf("Set(ttl %v) = %v, want ErrTTL", ttl, err)
				}
				if err := holds(ctx, s, "k", []byte("before")); err != nil {
					return fmt.Errorf("after Set(ttl %v): %w", ttl, err)
				}
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: func(ctx context.Context, s cache.Store, _ time.Duration) error {
			if err := s.Set(ctx, "k", []byte("before"), 0); err != nil {
				return err
			}
			cause := errors.New("the caller left")
			gone, cancel := context.WithCancelCause(ctx)
			cancel(cause)
			_, errGet := s.Get(gone, "k")
			_, errMiss := s.Get(gone, "absent")
			_, errMany := cache.GetMany(gone, s, []string{"k"})
			for method, err := range map[string]error{
				"Get": errGet, "Get of a key without an entry": errMiss, "GetMany": errMany,
				"Set": s.Set(gone, "k", []byte("after"), 0), "Delete": s.Delete(gone, "k"),
			} {
				if !errors.Is(err, cause) {
					return fmt.Errorf("%s with a context that has ended = %v, want its cause", method, err)
				}
			}
			return holds(ctx, s, "k", []byte("before"))
		},
	},
}
