package featurestest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/features"
)

var abilityRules = []rule[features.Provider]{
	{
		name:     "set",
		says:     "Set makes value that of the flag for every subject, with the reason Override, whether or not the provider has it",
		optional: true,
		check: func(ctx context.Context, p features.Provider) error {
			s, err := setter(p)
			if err != nil {
				return err
			}
			for key, value := range map[string]any{"on": false, "greeting": "ciao", "ratio": 0.75, "fresh": true} {
				if err := s.Set(ctx, key, value); err != nil {
					return fmt.Errorf("Set(%q) = %w", key, err)
				}
				e, err := p.Flag(ctx, key, someone)
				if err != nil || e.Value != value || e.Reason != features.Override {
					return fmt.Errorf("Flag(%q) after Set = %+v, %w", key, e, orNil(err))
				}
			}
			return is(ctx, p, "off", someone, false)
		},
	},
	{
		name:     "set checks",
		says:     "another type is an error wrapping ErrType",
		optional: true,
		check: func(ctx context.Context, p features.Provider) error {
			s, err := setter(p)
			if err != nil {
				return err
			}
			for _, value := range []any{nil, 1, float32(1), []byte("x"), errGone} {
				if err := s.Set(ctx, "on", value); !errors.Is(err, features.ErrType) {
					return fmt.Errorf("Set to a %T = %v, want ErrType", value, err)
				}
			}
			if err := s.Set(ctx, "a b", true); !errors.Is(err, features.ErrKey) {
				return fmt.Errorf("Set of an invalid key = %v, want ErrKey", err)
			}
			if err := s.Set(gone(ctx), "on", false); !errors.Is(err, errGone) {
				return fmt.Errorf("Set with a ctx that has ended = %v", err)
			}
			return is(ctx, p, "on", someone, true)
		},
	},
	{
		name:     "unset",
		says:     "Unset undoes Set; a flag that is not set is no error",
		optional: true,
		check: func(ctx context.Context, p features.Provider) error {
			s, err := setter(p)
			if err != nil {
				return err
			}
			for _, key := range []string{"on", "fresh"} {
				if err := s.Set(ctx, key, false); err != nil {
					return fmt.Errorf("Set = %w", err)
				}
			}
			for _, key := range []string{"on", "fresh", "on", "absent"} {
				if err := s.Unset(ctx, key); err != nil {
					return fmt.Errorf("Unset(%q) = %w", key, err)
				}
			}
			if e, err := p.Flag(ctx, "fresh", someone); !errors.Is(err, features.ErrFlagNotFound) {
				return fmt.Errorf("Flag of a new flag after Unset = %+v, %v", e, err)
			}
			return is(ctx, p, "on", someone, true)
		},
	},
	{
		name:     "keys",
		says:     "Keys returns the keys of all flags, sorted",
		optional: true,
		check: func(ctx context.Context, p features.Provider) error {
			l, ok := p.(features.Lister)
			if !ok {
				return fmt.Errorf("no Keys: %w", errors.ErrUnsupported)
			}
			want := slices.Sorted(maps.Keys(seed()))
			for range 2 {
				got, err := l.Keys(ctx)
				if err != nil || !slices.Equal(got, want) {
					return fmt.Errorf("Keys = %q, %w, want %q", got, orNil(err), want)
				}
				clear(got) // the caller owns the slice
			}
			if _, err := l.Keys(gone(ctx)); !errors.Is(err, errGone) {
				return fmt.Errorf("Keys with a ctx that has ended = %v", err)
			}
			return nil
		},
	},
}

func setter(p features.Provider) (features.Setter, error) {
	s, ok := p.(features.Setter)
	if !ok {
		return nil, fmt.Errorf("no Set: %w", errors.ErrUnsupported)
	}
	return s, nil
}
