package natsevents_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
)

// It needs a server, and is compiled only.
func Example() {
	ctx := context.Background()
	bus, err := natsevents.Open(ctx, natsevents.Config{URL: config.NewSecret("nats://127.0.0.1:4222")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer bus.Close(ctx)

	sub := events.Subscription{Types: []string{"orders.>"}, Group: "mail"}
	_, err = bus.Subscribe(ctx, sub, func(ctx context.Context, ev events.Event) error {
		fmt.Println("mail about", ev.Type)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	placed := events.New("/orders", "orders.order.placed", []byte(`{"order":7}`))
	placed.Key = "order-7"
	err = bus.Publish(ctx, placed)
	fmt.Println(err)
}

func ExampleOpen() {
	_, err := natsevents.Open(context.Background(), natsevents.Config{URL: config.NewSecret("nats://app:secret@127.0.0.1:1")})
	fmt.Println(err)
	// Output:
	// natsevents: connect: nats: no servers available for connection
}
