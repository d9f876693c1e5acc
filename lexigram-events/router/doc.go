// Package router puts Go types on any bus of events: what is published and
// handled are values, and middleware is around every handler.
//
//	placed := router.Topic[OrderPlaced]{Type: "orders.order.placed", Key: func(o OrderPlaced) string { return o.ID }}
//	r, err := router.New(bus, bus, router.Options{Source: "/orders", Codec: jsoncodec.Codec{}})
//	_, err = router.Handle(ctx, r, placed, events.Subscription{Group: "mail"}, func(ctx context.Context, o OrderPlaced) error { … })
//	err = router.Publish(ctx, r, placed, OrderPlaced{ID: "7"})
//
// Delivery, order, attempts and dead letters are those of the bus; see
// [events.Subscription]. A handler's error, its panic, and an event that cannot
// be decoded are failures that the bus hears of.
package router
