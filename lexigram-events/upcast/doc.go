// Package upcast has readers of old events see them in the shape of today. What
// is stored stays as it is.
//
//	chain, err := upcast.New(
//		[]upcast.Shape{{Type: "orders.order.placed", Schema: 3}},
//		upcast.Step{From: upcast.Shape{Type: "orders.order.placed", Schema: 1}, To: upcast.Shape{Type: "orders.order.placed", Schema: 2}, Data: addCurrency},
//		upcast.Step{From: upcast.Shape{Type: "orders.order.placed", Schema: 2}, To: upcast.Shape{Type: "orders.order.placed", Schema: 3}, Data: splitName},
//	)
//	store := chain.Over(log) // an eventstore.Log
//
// A chain with gaps, cycles or duplicates is refused when it is made, not when
// an old event is met.
package upcast
