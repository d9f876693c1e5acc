package featurestest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
)

// errDown is what a provider fails with.
var errDown = errors.New("the provider is down")

// scripted is a provider whose keys say what it does.
type scripted struct{}

func (scripted) Flag(ctx context.Context, key string, s features.Subject) (features.Evaluation, error) {
	if err := features.CheckKey(key); err != nil {
		return features.Evaluation{}, err
	}
	if ctx.Err() != nil {
		return features.Evaluation{}, context.Cause(ctx)
	}
	switch key {
	case "down":
		return features.Evaluation{}, errDown
	case "panic":
		panic("the provider panics")
	case "int":
		return features.Evaluation{Key: key, Value: 1, Type: features.Boolean, Reason: features.Static}, nil
	case "subject":
		return features.Evaluation{Key: key, Value: s.ID, Type: features.UserList, Reason: features.Match, Variant: s.Attributes["plan"]}, nil
	}
	if v, ok := seed()[key]; ok {
		return features.Evaluation{Key: key, Value: v, Type: features.Boolean, Reason: features.Static}, nil
	}
	return features.Evaluation{}, features.ErrFlagNotFound.Wrap(nil, "scripted: flag %q", key)
}

var evaluatorRules = []rule[features.Evaluator]{
	{
		name: "the provider's answer",
		says: "Evaluate returns the flag's evaluation",
		check: func(ctx context.Context, e features.Evaluator) error {
			got := e.Evaluate(ctx, "subject", "nobody", someone)
			if got.Key != "subject" || got.Value != "user/7" || got.Type != features.UserList || got.Reason != features.Match || got.Variant != "pro" || got.Err != nil {
				return fmt.Errorf("Evaluate = %+v", got)
			}
			if v := features.Value(ctx, e, "ratio", 1.0, someone); v != 0.25 {
				return fmt.Errorf("Value = %v, want 0.25", v)
			}
			return nil
		},
	},
	{
		name: "unknown flags",
		says: "its Value is fallback if the flag is unknown",
		check: func(ctx context.Context, e features.Evaluator) error {
			return falls(ctx, e, "absent", features.FlagNotFound, features.ErrFlagNotFound)
		},
	},
	{
		name: "another type",
		says: "or of another type",
		check: func(ctx context.Context, e features.Evaluator) error {
			return errors.Join(
				falls(ctx, e, "int", features.TypeMismatch, features.ErrType),
				fell(e.Evaluate(ctx, "on", "text", someone), "on", "text", features.TypeMismatch, features.ErrType),
				fell(e.Evaluate(ctx, "greeting", true, someone), "greeting", true, features.TypeMismatch, features.ErrType),
				fell(e.Evaluate(ctx, "ratio", "0", someone), "ratio", "0", features.TypeMismatch, features.ErrType),
			)
		},
	},
	{
		name: "a provider that fails",
		says: "or a provider failed: then Err says why",
		check: func(ctx context.Context, e features.Evaluator) error {
			return errors.Join(
				falls(ctx, e, "down", features.ProviderError, features.ErrEvaluation),
				falls(ctx, e, "down", features.ProviderError, errDown),
			)
		},
	},
	{
		name: "a provider that panics",
		says: "and never fails",
		check: func(ctx context.Context, e features.Evaluator) (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("Evaluate panics: %v", v)
				}
			}()
			return falls(ctx, e, "panic", features.ProviderError, errs.ErrPanic)
		},
	},
	{
		name: "what nobody can ask",
		says: "its Value is fallback",
		check: func(ctx context.Context, e features.Evaluator) error {
			return errors.Join(
				falls(ctx, e, "a b", features.ProviderError, features.ErrKey),
				falls(gone(ctx), e, "on", features.ProviderError, errGone),
			)
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use",
		check: func(ctx context.Context, e features.Evaluator) error {
			var wg sync.WaitGroup
			failures := make([]error, 8)
			for i := range failures {
				wg.Go(func() {
					s := features.Subject{ID: fmt.Sprint(i)}
					for range 20 {
						if v := features.Value(ctx, e, "subject", "", s); v != s.ID {
							failures[i] = fmt.Errorf("the value for %q is %q", s.ID, v)
						}
					}
				})
			}
			wg.Wait()
			return errors.Join(failures...)
		},
	},
}

// falls checks that a flag evaluates to each fallback that it is given.
func falls(ctx context.Context, e features.Evaluator, key string, reason features.Reason, cause error) error {
	for _, fallback := range []any{true, false, "text", "", 1.5, 0.0} {
		if err := fell(e.Evaluate(ctx, key, fallback, someone), key, fallback, reason, cause); err != nil {
			return err
		}
	}
	return nil
}

func fell(got features.Evaluation, key string, fallback any, reason features.Reason, cause error) error {
	if got.Key != key || got.Value != fallback || got.Reason != reason || !errors.Is(got.Err, cause) {
		return fmt.Errorf("Evaluate(%q) = %+v, want %#v, reason %s, because of %q", key, got, fallback, reason, cause)
	}
	return nil
}
