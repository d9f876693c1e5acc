package upcast_test

import (
	"bytes"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/upcast"
)

func Example() {
	const placed = "orders.order.placed"
	chain, err := upcast.New(
		[]upcast.Shape{{Type: placed, Schema: 2}},
		upcast.Step{
			From: upcast.Shape{Type: placed, Schema: 1}, To: upcast.Shape{Type: placed, Schema: 2},
			Data: func(data []byte) ([]byte, error) {
				return bytes.Replace(data, []byte(`}`), []byte(`,"currency":"EUR"}`), 1), nil
			},
		},
		upcast.Step{From: upcast.Shape{Type: "shop.order.placed"}, To: upcast.Shape{Type: placed, Schema: 1}}, // renamed
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	old := events.New("/orders", "shop.order.placed", []byte(`{"total":7}`))
	ev, err := chain.Event(old)
	fmt.Println(ev.Type, ev.Schema, string(ev.Data), err)

	_, err = upcast.New([]upcast.Shape{{Type: placed, Schema: 3}}, upcast.Step{From: upcast.Shape{Type: placed, Schema: 2}, To: upcast.Shape{Type: placed, Schema: 3}})
	fmt.Println(err)
	// Output:
	// orders.order.placed 2 {"total":7,"currency":"EUR"} <nil>
	// upcast: no step begins at orders.order.placed@1, which is before orders.order.placed@3: upcasts are no chain
}
