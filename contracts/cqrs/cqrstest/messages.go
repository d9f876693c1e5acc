package cqrstest

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
)

// The messages of these rules.
type (
	placeOrder  struct{ ID int }
	placeOrders struct{ ID int }
	cancelOrder struct{ ID int }
	marker      interface{ mark() }
)

func (placeOrder) mark() {}

// A total is a result, and a fmt.Stringer.
type total int

func (t total) String() string { return fmt.Sprintf("%d in total", int(t)) }

var (
	typeOrder = reflect.TypeFor[placeOrder]()
	typeTotal = reflect.TypeFor[total]()
)

// handler returns a registration for placeOrder that answers with its ID.
func handler() cqrs.Registration {
	return registered(typeOrder, func(_ context.Context, m any) (any, error) { return total(m.(placeOrder).ID), nil })
}

func registered(message reflect.Type, h cqrs.Handler) cqrs.Registration {
	return cqrs.Registration{Message: message, Result: typeTotal, Handle: h}
}

// with returns a bus that has a handler.
func with(open opener, r cqrs.Registration, mw ...cqrs.Middleware) (bus, error) {
	b := open(mw...)
	if err := b.register(r); err != nil {
		return b, fmt.Errorf("Register = %w", err)
	}
	return b, nil
}

// answers checks the result of a placeOrder.
func (b bus) answers(ctx context.Context, id int, want total) error {
	if got, err := b.send(ctx, placeOrder{id}, typeTotal); err != nil || got != want {
		return fmt.Errorf("the result is %v, %w, want %v", got, orNil(err), want)
	}
	return nil
}

// refuses checks that a message is an error that wraps want, and of no handler.
func (b bus) refuses(ctx context.Context, message any, result reflect.Type, want error) error {
	got, err := b.send(ctx, message, result)
	if !errors.Is(err, want) || errors.Is(err, b.failed) || got != nil {
		return fmt.Errorf("sending a %T = %v, %v, want %q", message, got, err, want)
	}
	return nil
}

// errGone is why contexts of these rules end.
var errGone = errors.New("gone fishing")

func gone(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errGone)
	return ctx
}

// errNil stands for nil where an error is formatted with %w.
var errNil = errors.New("<nil>")

func orNil(err error) error {
	if err == nil {
		return errNil
	}
	return err
}
