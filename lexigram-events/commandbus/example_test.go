package commandbus_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/lexigram-events/commandbus"
)

// PlaceOrder is a command, and Order its result.
type (
	PlaceOrder struct{ Items int }
	Order      struct{ Number, Items int }
)

func Example() {
	ctx := context.Background()
	logged := func(next cqrs.Handler) cqrs.Handler {
		return func(ctx context.Context, message any) (any, error) {
			fmt.Printf("%T\n", message)
			return next(ctx, message)
		}
	}
	bus, err := commandbus.NewCommands(commandbus.Options{Middleware: []cqrs.Middleware{logged}})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = cqrs.Handle(bus, func(_ context.Context, c PlaceOrder) (Order, error) {
		if c.Items == 0 {
			return Order{}, errors.New("an order has items")
		}
		return Order{Number: 7, Items: c.Items}, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cqrs.Dispatch[Order](ctx, bus, PlaceOrder{Items: 3}))
	_, err = cqrs.Dispatch[Order](ctx, bus, PlaceOrder{})
	fmt.Println(err)
	_, err = cqrs.Dispatch[Order](ctx, bus, &PlaceOrder{})
	fmt.Println(err)
	// Output:
	// commandbus_test.PlaceOrder
	// {7 3} <nil>
	// commandbus_test.PlaceOrder
	// cqrs: command commandbus_test.PlaceOrder: an order has items
	// cqrs: command *commandbus_test.PlaceOrder (did you mean commandbus_test.PlaceOrder?): no handler
}
