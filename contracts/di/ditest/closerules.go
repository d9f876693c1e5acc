package ditest

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// noted registers a chain that notes its releases, of which beta's fails.
func noted(c di.Registrar, l di.Lifetime, j *journal, failed error) error {
	return errors.Join(
		di.Provide(c, l, newAlpha, noting[*alpha](j, "alpha", nil)),
		di.Provide(c, l, newBeta, di.Needs(alphaKey), noting[*beta](j, "beta", failed)),
		di.Provide(c, l, newGamma, di.Needs(betaKey), noting[*gamma](j, "gamma", nil)),
	)
}

var closeRules = []rule{
	{
		name: "close",
		says: "di.Container: Close releases the singletons that were built, newest first, and returns every error",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			failed := errors.New("failed")
			if err := ready(c, noted(c, di.SingletonLifetime, &j, failed)); err != nil {
				return err
			}
			if _, err := c.Resolve(ctx, gammaKey); err != nil {
				return err
			}
			return errors.Join(want("Close", c.Close(ctx), failed), j.is("gamma", "beta", "alpha"))
		},
	},
	{
		name: "close what was built",
		says: "di.Container: Close releases only what was built",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			if err := ready(c, noted(c, di.SingletonLifetime, &j, nil)); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, alphaKey)
			return errors.Join(err, c.Close(ctx), j.is("alpha"))
		},
	},
	{
		name: "close by shutdown",
		says: "di.Registration: if Close is nil, the Shutdown method of a singleton is called instead: once, although the value is registered under several keys",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			err := ready(c,
				di.Singleton(c, func(context.Context, di.Resolver) (*stopper, error) { return &stopper{&j}, nil }),
				di.Singleton(c, func(ctx context.Context, r di.Resolver) (*stopper, error) { return di.Get[*stopper](ctx, r) },
					di.Named("alias"), di.Needs(di.KeyOf[*stopper]())),
				di.Singleton(c, newAlpha, di.Needs(di.KeyOf[*stopper]("alias")), noting[*alpha](&j, "alpha", nil)))
			if err != nil {
				return err
			}
			for _, k := range []di.Key{di.KeyOf[*stopper](), di.KeyOf[*stopper]("alias"), alphaKey} {
				if _, err := c.Resolve(ctx, k); err != nil {
					return err
				}
			}
			return errors.Join(want("Close", c.Close(ctx), errStopper), j.is("alpha", "stopper"))
		},
	},
	{
		name: "close of what is borrowed",
		says: "di.Registration: Borrowed: nothing but Close is called to release it",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			err := ready(c, di.Value(c, &stopper{&j}), di.Value(c, &stopper{&j}, di.Named("closed"), noting[*stopper](&j, "closed", nil)))
			if err != nil {
				return err
			}
			_, a := c.Resolve(ctx, di.KeyOf[*stopper]())
			_, b := c.Resolve(ctx, di.KeyOf[*stopper]("closed"))
			return errors.Join(a, b, c.Close(ctx), j.is("closed"))
		},
	},
	{
		name: "close twice",
		says: "di.Container: Close is idempotent",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			if err := ready(c, noted(c, di.SingletonLifetime, &j, nil)); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, alphaKey)
			return errors.Join(err, c.Close(ctx), c.Close(ctx), j.is("alpha"))
		},
	},
	{
		name: "resolve after close",
		says: "di.Container: Resolve after Close is ErrClosed",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Singleton(c, newAlpha)); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, alphaKey)
			err = errors.Join(err, c.Close(ctx))
			_, after := c.Resolve(ctx, alphaKey)
			return errors.Join(err, want("Resolve", after, di.ErrClosed))
		},
	},
	{
		name: "close with panic",
		says: "di.Container: a panic in the Close of one value is an error, and the others are released",
		check: func(ctx context.Context, c di.Container, _ time.Duration) (err error) {
			var j journal
			err = ready(c,
				di.Singleton(c, newAlpha, noting[*alpha](&j, "alpha", nil)),
				di.Singleton(c, newBeta, di.Needs(alphaKey), di.Closed(func(context.Context, *beta) error { panic("close") })),
			)
			if err != nil {
				return err
			}
			if _, err := c.Resolve(ctx, betaKey); err != nil {
				return err
			}
			defer func() {
				if recover() != nil {
					err = errors.New("Close panics")
				}
			}()
			if c.Close(ctx) == nil {
				return errors.New("Close = nil, want the panic as an error")
			}
			return j.is("alpha")
		},
	},
	{
		name: "close scope",
		says: "di.Scope: Close releases the values that the scope built, newest first, and returns every error; it is idempotent",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			failed := errors.New("failed")
			if err := ready(c, noted(c, di.ScopedLifetime, &j, failed)); err != nil {
				return err
			}
			s := c.NewScope()
			if _, err := s.Resolve(ctx, gammaKey); err != nil {
				return err
			}
			err := want("Close", s.Close(ctx), failed)
			_ = s.Close(ctx) // it may say the same again, and releases nothing
			return errors.Join(err, j.is("gamma", "beta", "alpha"))
		},
	},
	{
		name: "close scope leaves singletons",
		says: "di.Scope: Close releases the scope's own values and no singleton",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var j journal
			if err := ready(c, noted(c, di.SingletonLifetime, &j, nil)); err != nil {
				return err
			}
			s := c.NewScope()
			_, err := s.Resolve(ctx, alphaKey)
			return errors.Join(err, s.Close(ctx), j.is())
		},
	},
	{
		name: "resolve after close of scope",
		says: "di.Scope: Resolve after Close is ErrClosed",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, provideAll(c, di.ScopedLifetime)); err != nil {
				return err
			}
			s := c.NewScope()
			_, err := s.Resolve(ctx, alphaKey)
			err = errors.Join(err, s.Close(ctx))
			_, after := s.Resolve(ctx, alphaKey)
			return errors.Join(err, want("Resolve", after, di.ErrClosed))
		},
	},
}
