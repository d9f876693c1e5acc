package memoryevents_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

func Example() {
	ctx := context.Background()
	bus := memoryevents.New(memoryevents.Options{})
	_, err := bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.>"}, Group: "mail"},
		func(_ context.Context, ev events.Event) error {
			fmt.Printf("%s: %s\n", ev.Type, ev.Data)
			return nil
		})
	if err != nil {
		fmt.Println(err)
	}
	ev := events.New("/orders", "orders.order.placed", []byte(`{"order":7}`))
	ev.Key = "order-7" // events of one order are handled one after another
	fmt.Println(bus.Publish(ctx, ev))
	fmt.Println(bus.Close(ctx)) // handles what was published
	// Unordered output:
	// <nil>
	// orders.order.placed: {"order":7}
	// <nil>
}
