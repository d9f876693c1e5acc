package ditest

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var graphRules = []rule{
	{
		name: "invalid registration",
		says: "di.Registrar: a registration without a type or Build, or with a name that is \"*\" or ends in \"?\", is an error",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			build := func(context.Context, di.Resolver) (any, error) { return &alpha{}, nil }
			for what, reg := range map[string]di.Registration{
				"no type":  {Build: build},
				"no Build": {Key: alphaKey},
				"name *":   {Key: di.KeyOf[*alpha]("*"), Build: build},
				"name a?":  {Key: di.KeyOf[*alpha]("a?"), Build: build},
			} {
				if err := c.Register(reg); err == nil {
					return errors.New("Register(" + what + ") = nil, want an error")
				}
			}
			return nil
		},
	},
	{
		name: "missing at freeze",
		says: "di.Container: Freeze returns missing services (ErrMissing)",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			if err := di.Singleton(c, newBeta, di.Needs(alphaKey)); err != nil {
				return err
			}
			return want("Freeze", c.Freeze(), di.ErrMissing, betaKey, alphaKey)
		},
	},
	{
		name: "cycle",
		says: "di.Container: Freeze returns cycles with their path (ErrCycle)",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			err := errors.Join(di.Singleton(c, newBeta, di.Needs(gammaKey)), di.Singleton(c, newGamma, di.Needs(betaKey)))
			if err != nil {
				return err
			}
			return want("Freeze", c.Freeze(), di.ErrCycle, betaKey, gammaKey)
		},
	},
	{
		name: "captive",
		says: "di.Container: Freeze returns scoped services under singletons (ErrScope), through transients too",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			err := errors.Join(
				di.Scoped(c, newAlpha),
				di.Transient(c, newBeta, di.Needs(alphaKey)),
				di.Singleton(c, newGamma, di.Needs(betaKey)),
			)
			if err != nil {
				return err
			}
			return want("Freeze", c.Freeze(), di.ErrScope, gammaKey, alphaKey)
		},
	},
	{
		name: "duplicate",
		says: "di.Container: Freeze returns duplicates (ErrDuplicate)",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			if err := errors.Join(di.Value(c, &alpha{}), di.Value(c, &alpha{})); err != nil {
				return err
			}
			return want("Freeze", c.Freeze(), di.ErrDuplicate, alphaKey)
		},
	},
	{
		name: "replace",
		says: "di.Registration: Replace lets this registration replace an earlier one of its key",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			second := &alpha{}
			replace := func(r *di.Registration) { r.Replace = true }
			if err := ready(c, di.Value(c, &alpha{}), di.Value(c, second, replace)); err != nil {
				return err
			}
			if got, err := di.Get[*alpha](ctx, c); err != nil || got != second {
				return errors.Join(errors.New("Resolve does not yield the replacement"), err)
			}
			return nil
		},
	},
	{
		name: "every problem at once",
		says: "di.Container: Freeze checks the whole graph and returns every problem at once, joined",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			err := errors.Join(
				di.Singleton(c, newBeta, di.Needs(gammaKey, di.KeyOf[string]("absent"))),
				di.Singleton(c, newGamma, di.Needs(betaKey)),
				di.Value(c, &alpha{}), di.Value(c, &alpha{}),
			)
			if err != nil {
				return err
			}
			err = c.Freeze()
			return errors.Join(want("Freeze", err, di.ErrMissing), want("Freeze", err, di.ErrCycle), want("Freeze", err, di.ErrDuplicate))
		},
	},
	{
		name: "failed freeze",
		says: "di.Container: a container that failed to freeze stays unfrozen",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := di.Singleton(c, newBeta, di.Needs(alphaKey)); err != nil {
				return err
			}
			if err := c.Freeze(); err == nil {
				return errors.New("Freeze without alpha = nil")
			}
			if err := ready(c, di.Singleton(c, newAlpha)); err != nil {
				return err
			}
			_, err := di.Get[*beta](ctx, c)
			return err
		},
	},
	{
		name: "register after freeze",
		says: "di.Container: after Freeze, Register is ErrFrozen",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c); err != nil {
				return err
			}
			return want("Register", di.Singleton(c, newAlpha), di.ErrFrozen)
		},
	},
	{
		name: "resolve before freeze",
		says: "di.Container: before Freeze, Resolve is ErrNotFrozen",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := di.Singleton(c, newAlpha); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, alphaKey)
			return want("Resolve", err, di.ErrNotFrozen)
		},
	},
	{
		name: "freeze twice",
		says: "di.Container: freezing a frozen container again does nothing",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			return errors.Join(ready(c, di.Singleton(c, newAlpha)), c.Freeze())
		},
	},
	{
		name: "freeze builds nothing",
		says: "di.Container: Freeze builds nothing",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			built := false
			err := ready(c, di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) {
				built = true
				return &alpha{}, nil
			}))
			if built {
				return errors.New("Freeze called Build")
			}
			return err
		},
	},
}
