package ditest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var lifetimeRules = []rule{
	{
		name: "singleton",
		says: "di.Singleton: one for the container, in scopes too",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, provideAll(c, di.SingletonLifetime)); err != nil {
				return err
			}
			s := c.NewScope()
			a, e1 := di.Get[*alpha](ctx, s)
			g, e2 := di.Get[*gamma](ctx, c)
			if err := errors.Join(e1, e2, s.Close(ctx)); err != nil {
				return err
			}
			if g.beta.alpha != a {
				return errors.New("the singleton of a scope is not the container's")
			}
			return nil
		},
	},
	{
		name: "transient",
		says: "di.Transient: one for each resolve",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, provideAll(c, di.TransientLifetime)); err != nil {
				return err
			}
			g1, e1 := di.Get[*gamma](ctx, c)
			g2, e2 := di.Get[*gamma](ctx, c)
			if err := errors.Join(e1, e2); err != nil {
				return err
			}
			if g1 == g2 || g1.beta == g2.beta || g1.beta.alpha == g2.beta.alpha {
				return errors.New("two resolves of a transient yield one value")
			}
			return nil
		},
	},
	{
		name: "scoped",
		says: "di.Scoped: one for each scope; what it needs comes from its scope",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, provideAll(c, di.ScopedLifetime)); err != nil {
				return err
			}
			s1, s2 := c.NewScope(), c.NewScope()
			g1, e1 := di.Get[*gamma](ctx, s1)
			a1, e2 := di.Get[*alpha](ctx, s1)
			a2, e3 := di.Get[*alpha](ctx, s2)
			if err := errors.Join(e1, e2, e3, s1.Close(ctx), s2.Close(ctx)); err != nil {
				return err
			}
			if g1.beta.alpha != a1 || a1 == a2 {
				return errors.New("a scope has two values, or two scopes have one")
			}
			return nil
		},
	},
	{
		name: "scoped at once",
		says: "di.Scope: it is safe for concurrent use: a scope has one value, however many resolve it at the same time",
		check: func(ctx context.Context, c di.Container, tick time.Duration) error {
			err := ready(c, di.Scoped(c, func(context.Context, di.Resolver) (*alpha, error) {
				time.Sleep(tick)
				return &alpha{}, nil
			}))
			if err != nil {
				return err
			}
			s := c.NewScope()
			var got [4]*alpha
			var failed [4]error
			var all sync.WaitGroup
			for i := range got {
				all.Go(func() { got[i], failed[i] = di.Get[*alpha](ctx, s) })
			}
			all.Wait()
			for i := range got {
				if got[i] != got[0] {
					return errors.New("a scope has two values")
				}
			}
			return errors.Join(append(failed[:], s.Close(ctx))...)
		},
	},
	{
		name: "scoped ctx",
		says: "di.Registration: what is scoped is built with its caller's own ctx",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			err := ready(c, di.Scoped(c, func(ctx context.Context, _ di.Resolver) (context.Context, error) { return ctx, nil }))
			if err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			s := c.NewScope()
			kept, err := di.Get[context.Context](ctx, s)
			if err != nil {
				return err
			}
			if kept.Err() != nil {
				return errors.New("the ctx of a Build ended before its caller's")
			}
			cancel()
			if kept.Err() == nil {
				return errors.New("the ctx of a Build did not end with its caller's")
			}
			return s.Close(context.WithoutCancel(ctx))
		},
	},
	{
		name: "scoped outside a scope",
		says: "di.Resolver: Resolve of a scoped service outside a scope is ErrScope",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, provideAll(c, di.ScopedLifetime)); err != nil {
				return err
			}
			_, err := c.Resolve(ctx, alphaKey)
			return want("Resolve", err, di.ErrScope, alphaKey)
		},
	},
}
