package flags

import (
	"context"
	"errors"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/features"
)

// A Chain is a [features.Provider] that asks others in their order: the first that has a
// flag decides. One that fails is an error of the chain, and the next is not asked: its
// answer could be another one. It sets and unsets with the first that can. It is safe for
// concurrent use; the zero value has no flags.
type Chain struct{ providers []features.Provider }

var (
	_ features.Setter = (*Chain)(nil)
	_ features.Lister = (*Chain)(nil)
)

// NewChain returns a chain, such as of the environment before what is in the database.
func NewChain(providers ...features.Provider) *Chain { return &Chain{slices.Clone(providers)} }

// Flag evaluates the flag of the first provider that has it; see [features.Provider].
func (c *Chain) Flag(ctx context.Context, key string, s features.Subject) (features.Evaluation, error) {
	if err := begin(ctx, key); err != nil {
		return features.Evaluation{}, err
	}
	for _, p := range c.providers {
		e, err := p.Flag(ctx, key, s)
		if !errors.Is(err, features.ErrFlagNotFound) {
			return e, err
		}
	}
	return features.Evaluation{}, notFound(key)
}

// Set sets the flag with the first provider that can; see [features.Setter]. Providers
// before it may have the flag, too, and go on deciding it. It is [errors.ErrUnsupported]
// if none can.
func (c *Chain) Set(ctx context.Context, key string, value any) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	if err := features.CheckValue(key, value); err != nil {
		return err
	}
	return c.setter(key, func(s features.Setter) error { return s.Set(ctx, key, value) })
}

// Unset unsets the flag with the first provider that can; see [features.Setter].
func (c *Chain) Unset(ctx context.Context, key string) error {
	if err := begin(ctx, key); err != nil {
		return err
	}
	return c.setter(key, func(s features.Setter) error { return s.Unset(ctx, key) })
}

func (c *Chain) setter(key string, fn func(features.Setter) error) error {
	for _, p := range c.providers {
		if s, ok := p.(features.Setter); ok {
			if err := fn(s); !errors.Is(err, errors.ErrUnsupported) {
				return err
			}
		}
	}
	return features.Err.Wrap(errors.ErrUnsupported, "flags: set %q: no provider of the chain can", key)
}

// Keys returns the keys of every provider; see [features.Lister]. It is
// [errors.ErrUnsupported] if one does not know its own.
func (c *Chain) Keys(ctx context.Context) ([]string, error) {
	if ctx.Err() != nil {
		return nil, features.Err.Wrap(context.Cause(ctx), "flags: keys")
	}
	var all []string
	for _, p := range c.providers {
		l, ok := p.(features.Lister)
		if !ok {
			return nil, features.Err.Wrap(errors.ErrUnsupported, "flags: keys: a provider of the chain does not know its own")
		}
		keys, err := l.Keys(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, keys...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}
