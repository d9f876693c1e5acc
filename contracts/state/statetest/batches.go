package statetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// batcher returns s as one, or says that it is none.
func batcher(s state.Store) (state.Batcher, error) {
	if b, ok := s.(state.Batcher); ok {
		return b, nil
	}
	return nil, fmt.Errorf("many keys in one round trip: %w", errors.ErrUnsupported)
}

var batchRules = []rule{
	{
		name:     "get many",
		says:     "GetMany returns the live entries among keys, each once; a missing key is absent from the map",
		optional: true,
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			b, err := batcher(s)
			if err != nil {
				return err
			}
			if err := errors.Join(s.Set(ctx, "a", []byte("1"), 0), s.Set(ctx, "empty", nil, 0),
				s.Set(ctx, "b", []byte("2"), time.Hour), s.Set(ctx, "old", []byte("3"), tick)); err != nil {
				return err
			}
			time.Sleep(2 * tick)
			got, err := b.GetMany(ctx, []string{"a", "absent", "b", "old", "a", "empty"})
			if err != nil {
				return err
			}
			_, empty := got["empty"]
			if len(got) != 3 || string(got["a"]) != "1" || string(got["b"]) != "2" || len(got["empty"]) != 0 || !empty {
				return fmt.Errorf("GetMany(a, absent, b, old, a, empty) = %q, want a, b and empty", got)
			}
			got["a"][0] = '9'
			if got, err = b.GetMany(ctx, nil); err != nil || len(got) != 0 {
				return fmt.Errorf("GetMany() = %q, %v, want nothing", got, err)
			}
			return holds(ctx, s, "a", []byte("1")) // and not what the caller wrote
		},
	},
	{
		name:     "set many",
		says:     "SetMany does as Set for each entry",
		optional: true,
		check: func(ctx context.Context, s state.Store, tick time.Duration) error {
			b, err := batcher(s)
			if err != nil {
				return err
			}
			v := []byte("v")
			if err := errors.Join(s.Set(ctx, "k", []byte("before"), tick), b.SetMany(ctx, nil, 0)); err != nil {
				return err
			}
			if err := errors.Join(b.SetMany(ctx, map[string][]byte{"k": v, "new": nil}, state.Permanent), b.SetMany(ctx, map[string][]byte{"short": v}, tick)); err != nil {
				return err
			}
			copy(v, "w")
			time.Sleep(2 * tick)
			return errors.Join(holds(ctx, s, "k", []byte("v")), holds(ctx, s, "new", nil), missing(ctx, s, "short"))
		},
	},
	{
		name:     "very many",
		says:     "a Batcher works on many keys, however many those are",
		optional: true,
		check: func(ctx context.Context, s state.Store, _ time.Duration) error {
			b, err := batcher(s)
			if err != nil {
				return err
			}
			entries := make(map[string][]byte, 1_500)
			keys := make([]string, 1_500)
			for i := range keys {
				keys[i] = fmt.Sprint("k", i)
				entries[keys[i]] = []byte(keys[i])
			}
			if err := b.SetMany(ctx, entries, 0); err != nil {
				return err
			}
			got, err := b.GetMany(ctx, keys)
			if err != nil || len(got) != len(keys) {
				return fmt.Errorf("GetMany of %d keys = %d, %v", len(keys), len(got), err)
			}
			for _, k := range keys {
				if string(got[k]) != k {
					return fmt.Errorf("GetMany of %d keys has %.40q under %q", len(keys), got[k], k)
				}
			}
			return nil
		},
	},
}
