package ditest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A guess is what a Build got for an optional need.
type guess struct {
	alpha *alpha
	found bool
}

func newGuess(ctx context.Context, r di.Resolver) (guess, error) {
	a, found, err := di.Maybe[*alpha](ctx, r)
	return guess{a, found}, err
}

var optionalRules = []rule{
	{
		name: "optional",
		says: "di.Optional: a need that may be absent; Freeze does not report it missing, and Maybe tells whether it is there",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			err := ready(c, di.Value(c, &beta{}),
				di.Singleton(c, newGuess, di.Needs(di.Optional(alphaKey))),
				di.Singleton(c, func(ctx context.Context, r di.Resolver) (bool, error) {
					b, found, err := di.Maybe[*beta](ctx, r)
					return found && b != nil, err
				}, di.Needs(di.Optional(betaKey))))
			if err != nil {
				return err
			}
			g, e1 := di.Get[guess](ctx, c)
			present, e2 := di.Get[bool](ctx, c)
			if g.found || !present {
				return fmt.Errorf("Maybe finds the absent one: %v, the present one: %v", g.found, present)
			}
			return errors.Join(e1, e2)
		},
	},
	{
		name: "optional at freeze",
		says: "di.Optional: where the service is there, it counts as any other need: cycles and captive scopes are found",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			err := errors.Join(
				di.Scoped(c, newAlpha),
				di.Singleton(c, newGuess, di.Needs(di.Optional(alphaKey))),
				di.Singleton(c, newBeta, di.Needs(di.Optional(gammaKey))),
				di.Singleton(c, newGamma, di.Needs(betaKey)),
			)
			if err != nil {
				return err
			}
			err = c.Freeze()
			return errors.Join(want("Freeze", err, di.ErrScope, alphaKey), want("Freeze", err, di.ErrCycle, betaKey, gammaKey))
		},
	},
	{
		name: "has",
		says: "di.Finder: Has reports whether a service is registered, and builds nothing; a name does not stand for another",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			built := false
			_, early := c.Has(alphaKey)
			err := ready(c, di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) {
				built = true
				return &alpha{}, nil
			}))
			if err != nil {
				return err
			}
			there, e1 := c.Has(alphaKey)
			named, e2 := c.Has(di.KeyOf[*alpha]("other"))
			absent, e3 := c.Has(betaKey)
			if !there || named || absent || built {
				return fmt.Errorf("Has = %v, under another name %v, of what is absent %v; built = %v", there, named, absent, built)
			}
			return errors.Join(want("Has before Freeze", early, di.ErrNotFrozen), e1, e2, e3)
		},
	},
	{
		name: "has in a build",
		says: "di.Finder: in a Build, Has of what it did not declare is ErrUndeclared",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Singleton(c, newAlpha), di.Singleton(c, newGuess)); err != nil {
				return err
			}
			_, err := di.Get[guess](ctx, c)
			return want("Maybe", err, di.ErrUndeclared, alphaKey)
		},
	},
	{
		name: "has in a scope",
		says: "di.Finder: a scope tells what it can resolve",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Scoped(c, newAlpha)); err != nil {
				return err
			}
			s := c.NewScope()
			a, found, e1 := di.Maybe[*alpha](ctx, s)
			_, absent, e2 := di.Maybe[*beta](ctx, s)
			if !found || a == nil || absent {
				return fmt.Errorf("Maybe of what is there: %v, %v, %v; of what is absent: %v, %v", a, found, e1, absent, e2)
			}
			return errors.Join(e1, e2, s.Close(ctx))
		},
	},
	{
		name: "failed optional build",
		says: "di.Maybe: an error of a Build is returned, even if it wraps ErrMissing",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			failed := di.ErrMissing.Wrap(nil, "its own file")
			err := ready(c,
				di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) { return nil, failed }),
				di.Singleton(c, newGuess, di.Needs(di.Optional(alphaKey))))
			if err != nil {
				return err
			}
			_, err = di.Get[guess](ctx, c)
			return want("Maybe", err, failed)
		},
	},
}
