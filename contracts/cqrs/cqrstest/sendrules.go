package cqrstest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// errCard is of kind Denied.
var errCard = fmt.Errorf("card declined: %w", fs.ErrPermission)

type ctxKey struct{}

var sendRules = []rule{
	{
		name: "result",
		says: "calls the handler of the message, in the goroutine of the sender, and returns its result",
		check: func(ctx context.Context, open opener) error {
			r := handler()
			r.Handle = func(ctx context.Context, m any) (any, error) {
				n, _ := ctx.Value(ctxKey{}).(int)
				return total(m.(placeOrder).ID + n), nil
			}
			b, err := with(open, r)
			if err != nil {
				return err
			}
			return b.answers(context.WithValue(ctx, ctxKey{}, 35), 7, 42)
		},
	},
	{
		name: "nil",
		says: "a message that is nil is an error wrapping ErrMessage",
		check: func(ctx context.Context, open opener) error {
			b, err := with(open, handler())
			if err != nil {
				return err
			}
			return b.refuses(ctx, nil, typeTotal, cqrs.ErrMessage)
		},
	},
	{
		name: "types of results",
		says: "a result type, if it is not nil, that the handler's is not and does not implement, is one wrapping ErrResult, before anything is called",
		check: func(ctx context.Context, open opener) error {
			calls := 0
			r := handler()
			r.Handle = func(context.Context, any) (any, error) { calls++; return total(7), nil }
			b, err := with(open, r)
			if err != nil {
				return err
			}
			for _, wrong := range []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[*total](), reflect.TypeFor[error]()} {
				if err := b.refuses(ctx, placeOrder{}, wrong, cqrs.ErrResult); err != nil {
					return err
				}
			}
			if calls > 0 {
				return errors.New("the handler was called")
			}
			for _, right := range []reflect.Type{typeTotal, nil, reflect.TypeFor[any](), reflect.TypeFor[fmt.Stringer]()} {
				if got, err := b.send(ctx, placeOrder{}, right); err != nil || got != total(7) {
					return fmt.Errorf("with the result type %v: %v, %w", right, got, orNil(err))
				}
			}
			return nil
		},
	},
	{
		name: "a context that has ended",
		says: "a ctx that has ended is one wrapping its cause, before anything is called",
		check: func(ctx context.Context, open opener) error {
			calls := 0
			r := handler()
			r.Handle = func(context.Context, any) (any, error) { calls++; return total(7), nil }
			b, err := with(open, r)
			if err != nil {
				return err
			}
			if err := b.refuses(gone(ctx), placeOrder{}, typeTotal, errGone); err != nil {
				return err
			}
			if calls > 0 {
				return errors.New("the handler was called")
			}
			return nil
		},
	},
	{
		name: "errors",
		says: "what the handler returned, wrapped once; then the result is nil",
		check: func(ctx context.Context, open opener) error {
			r := handler()
			r.Handle = func(context.Context, any) (any, error) { return total(7), errCard }
			b, err := with(open, r)
			if err != nil {
				return err
			}
			got, err := b.send(ctx, placeOrder{}, typeTotal)
			if got != nil || !errors.Is(err, errCard) || !errors.Is(err, b.failed) || errs.KindOf(err) != errs.Denied {
				return fmt.Errorf("a handler that fails: %v, %v of kind %v", got, err, errs.KindOf(err))
			}
			if text := err.Error(); strings.Count(text, "card declined") != 1 || strings.Count(text, "placeOrder") != 1 {
				return fmt.Errorf("%q does not name the type and the error, each once", text)
			}
			return nil
		},
	},
	{
		name: "panics",
		says: "or its panic as a PanicError",
		check: func(ctx context.Context, open opener) (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("it panics: %v", v)
				}
			}()
			r := handler()
			r.Handle = func(context.Context, any) (any, error) { panic(errCard) }
			b, err := with(open, r)
			if err != nil {
				return err
			}
			for range 2 {
				got, err := b.send(ctx, placeOrder{}, typeTotal)
				p, ok := errors.AsType[*errs.PanicError](err)
				if got != nil || !ok || len(p.Stack) == 0 || !errors.Is(err, b.failed) || !errors.Is(err, errCard) {
					return fmt.Errorf("a handler that panics: %v, %v", got, err)
				}
			}
			return nil
		},
	},
	{
		name: "handlers may send",
		says: "a handler may use the bus",
		check: func(ctx context.Context, open opener) error {
			b := open()
			err := errors.Join(
				b.register(handler()),
				b.register(registered(reflect.TypeFor[placeOrders](), func(ctx context.Context, m any) (any, error) {
					if err := b.register(registered(reflect.TypeFor[cancelOrder](), handler().Handle)); err != nil {
						return nil, err
					}
					return b.send(ctx, placeOrder(m.(placeOrders)), typeTotal)
				})),
			)
			if err != nil {
				return err
			}
			if got, err := b.send(ctx, placeOrders{7}, typeTotal); err != nil || got != total(7) {
				return fmt.Errorf("a handler that sends: %v, %w", got, orNil(err))
			}
			return nil
		},
	},
}

var middlewareRules = []rule{
	{
		name: "order of middleware",
		says: "within the bus's middleware, whose first is the outermost",
		check: func(ctx context.Context, open opener) error {
			var trace []string
			note := func(name string) cqrs.Middleware {
				return func(next cqrs.Handler) cqrs.Handler {
					return func(ctx context.Context, m any) (any, error) {
						trace = append(trace, name)
						v, err := next(ctx, m)
						trace = append(trace, "/"+name)
						return v, err
					}
				}
			}
			b, err := with(open, handler(), note("first"), note("second"))
			if err != nil {
				return err
			}
			if err := b.answers(ctx, 7, 7); err != nil {
				return err
			}
			if got := strings.Join(trace, " "); got != "first second /second /first" {
				return fmt.Errorf("the order is %q", got)
			}
			return nil
		},
	},
	{
		name: "middleware may answer",
		says: "to do something before and after it, or instead",
		check: func(ctx context.Context, open opener) error {
			b, err := with(open, handler(), func(next cqrs.Handler) cqrs.Handler {
				return func(ctx context.Context, m any) (any, error) {
					switch m.(placeOrder).ID {
					case 1:
						return total(-1), nil
					case 2:
						return nil, errCard
					case 3:
						return next(ctx, placeOrder{33})
					}
					return next(ctx, m)
				}
			})
			if err != nil {
				return err
			}
			if _, err := b.send(ctx, placeOrder{2}, typeTotal); !errors.Is(err, errCard) || !errors.Is(err, b.failed) {
				return fmt.Errorf("middleware that refuses: %v", err)
			}
			return errors.Join(b.answers(ctx, 1, -1), b.answers(ctx, 3, 33), b.answers(ctx, 7, 7))
		},
	},
	{
		name: "middleware is called once",
		says: "it is called once for each registration",
		check: func(ctx context.Context, open opener) error {
			made := 0
			b, err := with(open, handler(), func(next cqrs.Handler) cqrs.Handler { made++; return next })
			if err != nil {
				return err
			}
			if err := errors.Join(b.answers(ctx, 1, 1), b.answers(ctx, 2, 2)); err != nil {
				return err
			}
			if made != 1 {
				return fmt.Errorf("the middleware was called %d times", made)
			}
			return nil
		},
	},
}
