// Package memoryevents is a bus of events inside one process: the embedded
// default, and the bus behind an outbox.
//
//	bus := memoryevents.New(memoryevents.Options{})
//	defer bus.Close(ctx)
//	_, err := bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.>"}, Group: "mail"}, sendMail)
//	err = bus.Publish(ctx, events.New("/orders", "orders.order.placed", body))
//
// What was published and not yet handled ends with the process. Put an outbox
// in front of the bus where that matters: the bus is an [events.Deliverer], so
// the outbox marks an event only when its handlers have acknowledged it.
package memoryevents
