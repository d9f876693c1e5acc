package features

import "context"

// A Provider has flags. It is safe for concurrent use.
//
// A key that [CheckKey] refuses is an error wrapping [ErrKey]; after that, a ctx that
// has ended is an error wrapping its cause ([context.Cause]).
type Provider interface {
	// Flag evaluates the flag of a key for a subject, or returns an error wrapping
	// [ErrFlagNotFound]. The Evaluation has the key, a Value that is a bool, string or
	// float64, and a Type and Reason that this package names. For the same subject it is the
	// same until somebody changes the flag or its time comes. Values of each tenant follow the
	// tenant of ctx.
	Flag(ctx context.Context, key string, s Subject) (Evaluation, error)
}

// A Setter is a [Provider] whose flags can be overridden while the program runs.
type Setter interface {
	Provider
	// Set makes value, a bool, string or float64, that of the flag for every subject, with the
	// reason [Override], whether or not the provider has it; another type is an error wrapping
	// [ErrType].
	Set(ctx context.Context, key string, value any) error
	// Unset undoes Set. A flag that is not set is no error.
	Unset(ctx context.Context, key string) error
}

// A Lister is a [Provider] that knows its keys.
type Lister interface {
	Provider
	// Keys returns the keys of all flags, sorted. The caller owns the slice.
	Keys(ctx context.Context) ([]string, error)
}

// An Evaluator asks providers, and never fails. It is safe for concurrent use.
type Evaluator interface {
	// Evaluate returns the flag's evaluation. Its Value has the type of fallback, a bool,
	// string or float64, and is fallback if the flag is unknown, of another type, or a
	// provider failed: then Err says why, and all but an unknown flag has been reported, too.
	Evaluate(ctx context.Context, key string, fallback any, s Subject) Evaluation
}

// Value returns the value of a flag, or fallback; see [Evaluator]. It is
//
//	features.Value(ctx, e, "greeting", "hello", s) // a string
//	features.Value(ctx, e, "ratio", 0.5, s)        // a float64
func Value[T bool | string | float64](ctx context.Context, e Evaluator, key string, fallback T, s Subject) T {
	if v, ok := e.Evaluate(ctx, key, fallback, s).Value.(T); ok {
		return v
	}
	return fallback
}

// CheckValue returns an error wrapping [ErrType] unless value is a bool, string or float64.
func CheckValue(key string, value any) error {
	switch value.(type) {
	case bool, string, float64:
		return nil
	}
	return ErrType.Wrap(nil, "features: flag %.80q has a %T; use a bool, string or float64", key, value)
}
