package featurestest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/features"
)

var someone = features.Subject{ID: "user/7", Attributes: map[string]string{"plan": "pro"}}

var (
	types   = []features.FlagType{features.Boolean, features.Percentage, features.UserList, features.UserAttribute, features.TimeBased, features.Variant}
	reasons = []features.Reason{
		features.Static, features.Match, features.NoMatch, features.Split, features.Override, features.FlagDisabled,
	}
)

var flagRules = []rule[features.Provider]{
	{
		name: "values",
		says: "Flag evaluates the flag of a key; a Value that is a bool, string or float64",
		check: func(ctx context.Context, p features.Provider) error {
			for key, want := range seed() {
				for _, s := range []features.Subject{{}, someone} {
					if err := is(ctx, p, key, s, want); err != nil {
						return err
					}
				}
			}
			return nil
		},
	},
	{
		name: "evaluations are whole",
		says: "the Evaluation has the key, and a Type and Reason that this package names; a provider leaves Err nil",
		check: func(ctx context.Context, p features.Provider) error {
			for key := range seed() {
				e, err := p.Flag(ctx, key, someone)
				if err != nil || e.Key != key || !slices.Contains(types, e.Type) || !slices.Contains(reasons, e.Reason) || e.Err != nil {
					return fmt.Errorf("Flag(%q) = %+v, %w", key, e, orNil(err))
				}
			}
			return nil
		},
	},
	{
		name: "no such flag",
		says: "or returns an error wrapping ErrFlagNotFound",
		check: func(ctx context.Context, p features.Provider) error {
			for _, key := range []string{"absent", "on2", "o", strings.Repeat("x", 128)} {
				if e, err := p.Flag(ctx, key, someone); !errors.Is(err, features.ErrFlagNotFound) || e.Value != nil {
					return fmt.Errorf("Flag(%.40q) = %+v, %v, want ErrFlagNotFound", key, e, err)
				}
			}
			return nil
		},
	},
	{
		name: "invalid keys",
		says: "a key that CheckKey refuses is an error wrapping ErrKey",
		check: func(ctx context.Context, p features.Provider) error {
			for _, key := range []string{"", " ", "a b", "a/b", "ä", "a\x00", "a=b", strings.Repeat("x", 129)} {
				if _, err := p.Flag(gone(ctx), key, someone); !errors.Is(err, features.ErrKey) {
					return fmt.Errorf("Flag(%.40q) = %v, want ErrKey", key, err)
				}
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is an error wrapping its cause",
		check: func(ctx context.Context, p features.Provider) error {
			for _, key := range []string{"on", "absent"} {
				if _, err := p.Flag(gone(ctx), key, someone); !errors.Is(err, errGone) {
					return fmt.Errorf("Flag(%q) with a ctx that has ended = %v", key, err)
				}
			}
			return nil
		},
	},
	{
		name: "the subject stays as it is",
		says: "for the same subject it is the same",
		check: func(ctx context.Context, p features.Provider) error {
			s := features.Subject{ID: "user/7", Attributes: map[string]string{"plan": "pro"}}
			for key, want := range seed() {
				for range 3 {
					if err := is(ctx, p, key, s, want); err != nil {
						return err
					}
				}
			}
			if !maps.Equal(s.Attributes, someone.Attributes) {
				return fmt.Errorf("the attributes became %v", s.Attributes)
			}
			return nil
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use",
		check: func(ctx context.Context, p features.Provider) error {
			setter, _ := p.(features.Setter)
			var wg sync.WaitGroup
			failures := make([]error, 8)
			for i := range failures {
				wg.Go(func() {
					key := fmt.Sprint("own-", i)
					for j := range 20 {
						failures[i] = errors.Join(failures[i], is(ctx, p, "greeting", someone, "hello"))
						if setter == nil {
							continue
						}
						err := setter.Set(ctx, key, float64(j))
						if errors.Is(err, errors.ErrUnsupported) {
							continue // a decorator of one that cannot
						}
						failures[i] = errors.Join(failures[i], err, is(ctx, p, key, someone, float64(j)))
					}
				})
			}
			wg.Wait()
			return errors.Join(failures...)
		},
	},
}

func is(ctx context.Context, p features.Provider, key string, s features.Subject, want any) error {
	if e, err := p.Flag(ctx, key, s); err != nil || e.Value != want {
		return fmt.Errorf("Flag(%q) for %q = %#v, %w, want %#v", key, s.ID, e.Value, orNil(err), want)
	}
	return nil
}

// errNil stands for nil where an error is formatted with %w.
var errNil = errors.New("<nil>")

func orNil(err error) error {
	if err == nil {
		return errNil
	}
	return err
}
