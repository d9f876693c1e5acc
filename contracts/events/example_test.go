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

func ExampleAppendJSON() {
	ev := events.Event{ID: "7", Source: "/orders", Type: "orders.order.placed", Schema: 1, Data: []byte(`{"order": 7}`)}
	ev.Headers = map[string]string{events.HeaderTenant: "acme"}
	structured := events.AppendJSON(nil, ev)
	fmt.Println(string(structured))
	headers := map[string][]string{}
	events.WriteHeaders(headers, ev) // the body is ev.Data
	again, err := events.Parse(headers, ev.Data)
	fmt.Println(headers["ce-tenant"], again.Headers[events.HeaderTenant], err)
	// Output:
	// {"specversion":"1.0","id":"7","source":"/orders","type":"orders.order.placed","schemaversion":1,"tenant":"acme","data":{"order": 7}}
	// [acme] acme <nil>
}
