package cqrstest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
)

var registerRules = []rule{
	{
		name: "one handler",
		says: "a type that has one is an error wrapping ErrDuplicate",
		check: func(ctx context.Context, open opener) error {
			b, err := with(open, handler())
			if err != nil {
				return err
			}
			second := registered(typeOrder, func(context.Context, any) (any, error) { return total(-1), nil })
			if err := b.register(second); !errors.Is(err, cqrs.ErrDuplicate) || !strings.Contains(err.Error(), "placeOrder") {
				return fmt.Errorf("Register of a second handler = %v, want ErrDuplicate and the type", err)
			}
			return b.answers(ctx, 7, 7)
		},
	},
	{
		name: "whole registrations",
		says: "a registration that lacks something, or is of an interface, is one wrapping ErrMessage",
		check: func(ctx context.Context, open opener) error {
			b := open()
			for name, r := range map[string]cqrs.Registration{
				"nothing":      {},
				"no message":   {Result: typeTotal, Handle: handler().Handle},
				"no result":    {Message: typeOrder, Handle: handler().Handle},
				"no handler":   {Message: typeOrder, Result: typeTotal},
				"an interface": registered(reflect.TypeFor[marker](), handler().Handle),
			} {
				if err := b.register(r); !errors.Is(err, cqrs.ErrMessage) {
					return fmt.Errorf("Register of %s = %v, want ErrMessage", name, err)
				}
			}
			return b.refuses(ctx, placeOrder{}, typeTotal, cqrs.ErrNoHandler)
		},
	},
	{
		name: "exact types",
		says: "the handler of the exact type",
		check: func(ctx context.Context, open opener) error {
			b, err := with(open, handler())
			if err != nil {
				return err
			}
			other := registered(reflect.TypeFor[*placeOrder](), func(_ context.Context, m any) (any, error) { return total(m.(*placeOrder).ID + 100), nil })
			if err := b.register(other); err != nil {
				return fmt.Errorf("Register of the pointer's handler = %w", err)
			}
			if got, err := b.send(ctx, &placeOrder{7}, typeTotal); err != nil || got != total(107) {
				return fmt.Errorf("the pointer's handler returned %v, %w", got, orNil(err))
			}
			type placeOrder struct{ ID int } // another type of that name
			if err := b.refuses(ctx, placeOrder{}, typeTotal, cqrs.ErrNoHandler); err != nil {
				return err
			}
			return b.answers(ctx, 7, 7)
		},
	},
	{
		name: "no handler",
		says: "no handler is one wrapping ErrNoHandler that names the type, and the registered one that was probably meant",
		check: func(ctx context.Context, open opener) error {
			b, err := with(open, handler())
			if err != nil {
				return err
			}
			for message, meant := range map[any]string{placeOrders{}: "placeOrder", &placeOrder{}: "cqrstest.placeOrder", cancelOrder{}: ""} {
				if err := b.refuses(ctx, message, typeTotal, cqrs.ErrNoHandler); err != nil {
					return err
				}
				_, err := b.send(ctx, message, typeTotal)
				text, name := err.Error(), reflect.TypeOf(message).String()
				rest := strings.Replace(text, name, "", 1)
				if rest == text || !strings.Contains(rest, meant) || meant == "" && strings.Contains(rest, "placeOrder") {
					return fmt.Errorf("%q does not name %s and %q", text, name, meant)
				}
			}
			return nil
		},
	},
	{
		name: "concurrent use",
		says: "it is safe for concurrent use; handlers are there for calls that begin after Register returned",
		check: func(ctx context.Context, open opener) error {
			b, err := with(open, handler())
			if err != nil {
				return err
			}
			var wg sync.WaitGroup
			failures := make([]error, 8)
			for i := range failures {
				wg.Go(func() {
					for j := range 20 {
						message := reflect.ArrayOf(i*20+j, typeOrder) // a type of its own
						err := b.register(registered(message, func(context.Context, any) (any, error) { return total(j), nil }))
						got, sent := b.send(ctx, reflect.Zero(message).Interface(), typeTotal)
						if sent == nil && got != total(j) {
							sent = fmt.Errorf("the result is %v, want %d", got, j)
						}
						failures[i] = errors.Join(failures[i], err, sent, b.answers(ctx, j, total(j)))
					}
				})
			}
			wg.Wait()
			return errors.Join(failures...)
		},
	},
}
