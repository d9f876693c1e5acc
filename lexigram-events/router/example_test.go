package router_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/router"
)

type OrderPlaced struct {
	ID    string `json:"id"`
	Items int    `json:"items"`
}

// What every part of the program that publishes or handles orders shares.
var placed = router.Topic[OrderPlaced]{
	Type: "orders.order.placed",
	Key:  func(o OrderPlaced) string { return o.ID }, // the events of one order are handled one after another
}

func Example() {
	ctx := context.Background()
	bus := memoryevents.New(memoryevents.Options{})
	r, err := router.New(bus, bus, router.Options{
		Source:     "/orders",
		Codec:      jsonCodec{},
		Middleware: []router.Middleware{router.Poison()}, // what is invalid is not tried again
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = router.Handle(ctx, r, placed, events.Subscription{Group: "mail"},
		func(ctx context.Context, o OrderPlaced) error {
			ev, _ := router.Cause(ctx)
			fmt.Println(ev.Type, ev.Key, o.Items)
			return nil
		})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(router.Publish(ctx, r, placed, OrderPlaced{ID: "7", Items: 3}))
	fmt.Println(bus.Close(ctx)) // handles what was published
	// Unordered output:
	// <nil>
	// orders.order.placed 7 3
	// <nil>
}
