package events_test

import (
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/events"
)

func ExampleNew() {
	ev := events.New("/orders", "orders.order.placed", []byte(`{"order":7}`))
	ev.Key = "order-7" // one order's events are handled one after another
	fmt.Println(ev.Type, ev.Schema, len(ev.ID), events.Check(ev))
	ev.Type = "orders.*"
	fmt.Println(errors.Is(events.Check(ev), events.ErrInvalid))
	// Output:
	// orders.order.placed 1 26 <nil>
	// true
}

func ExampleMatch() {
	fmt.Println(events.Match("orders.*.placed", "orders.order.placed"))
	fmt.Println(events.Match("orders.>", "orders.order.placed"))
	fmt.Println(events.Match("orders.*", "orders.order.placed"))
	// Output:
	// true
	// true
	// false
}
