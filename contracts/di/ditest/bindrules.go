package ditest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var bindRules = []rule{
	{
		name: "bind",
		says: "di.Binder: Bind makes value what Resolve of key returns from now on, in scopes and builds too",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Singleton(c, newAlpha), di.Transient(c, newBeta, di.Needs(alphaKey))); err != nil {
				return err
			}
			first, e1 := di.Get[*alpha](ctx, c)
			second := &alpha{}
			e2 := di.Bind(c, second)
			s := c.NewScope()
			got, e3 := di.Get[*alpha](ctx, s)
			b, e4 := di.Get[*beta](ctx, c)
			if err := errors.Join(e1, e2, e3, e4, s.Close(ctx)); err != nil {
				return err
			}
			if got != second || b.alpha != second || first == second {
				return errors.New("Resolve does not yield what was bound")
			}
			return nil
		},
	},
	{
		name: "bind instead of building",
		says: "di.Binder: what was bound before anyone resolved it is not built",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			unbuilt := errors.New("built")
			if err := ready(c, di.Singleton(c, func(context.Context, di.Resolver) (*alpha, error) { return nil, unbuilt })); err != nil {
				return err
			}
			if err := di.Bind(c, &alpha{}); err != nil {
				return err
			}
			_, err := di.Get[*alpha](ctx, c)
			return err
		},
	},
	{
		name: "bind what is not there",
		says: "di.Binder: key is registered (ErrMissing) as a singleton (Err), and value is one of its type, not nil (ErrType)",
		check: func(_ context.Context, c di.Container, _ time.Duration) error {
			if err := ready(c, di.Singleton(c, newAlpha), di.Scoped(c, newBeta, di.Needs(alphaKey))); err != nil {
				return err
			}
			return errors.Join(
				want("Bind of what is absent", di.Bind(c, &gamma{}), di.ErrMissing, gammaKey),
				want("Bind of what is scoped", di.Bind(c, &beta{}), di.Err, betaKey),
				want("Bind to another type", c.Bind(alphaKey, "text"), di.ErrType, alphaKey),
				want("Bind to nil", c.Bind(alphaKey, nil), di.ErrType, alphaKey),
			)
		},
	},
	{
		name: "bind too early or late",
		says: "di.Binder: Bind fails before Freeze (ErrNotFrozen) and after Close (ErrClosed)",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			if err := di.Singleton(c, newAlpha); err != nil {
				return err
			}
			early := di.Bind(c, &alpha{})
			if err := errors.Join(c.Freeze(), c.Close(ctx)); err != nil {
				return err
			}
			return errors.Join(want("Bind before Freeze", early, di.ErrNotFrozen), want("Bind after Close", di.Bind(c, &alpha{}), di.ErrClosed))
		},
	},
	{
		name: "close what was bound",
		says: "di.Binder: the container never closes a value that was bound; one that was built is closed with the container",
		check: func(ctx context.Context, c di.Container, _ time.Duration) error {
			var closed []*alpha
			err := ready(c, di.Singleton(c, newAlpha, di.Closed(func(_ context.Context, a *alpha) error {
				closed = append(closed, a)
				return nil
			})))
			if err != nil {
				return err
			}
			built, err := di.Get[*alpha](ctx, c)
			err = errors.Join(err, di.Bind(c, &alpha{}))
			if len(closed) > 0 {
				return errors.New("Bind closed the value that was there")
			}
			if err := errors.Join(err, c.Close(ctx)); err != nil {
				return err
			}
			if len(closed) != 1 || closed[0] != built {
				return fmt.Errorf("closed %v, want the value that was built, %v", closed, built)
			}
			return nil
		},
	},
}
