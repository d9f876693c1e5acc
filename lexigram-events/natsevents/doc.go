// Package natsevents is a durable bus of events on NATS JetStream.
//
//	bus, err := natsevents.Open(ctx, natsevents.Config{URL: config.NewSecret("nats://localhost:4222")})
//	defer bus.Close(ctx)
//	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.>"}, Group: "mail"}, sendMail)
//	err = bus.Publish(ctx, events.New("/orders", "orders.order.placed", body))
//
// An event is a message in the binary mode of CloudEvents 1.0 on the subject
// "<prefix>.<partition>.<type>". The partition is that of the event's key, so
// that the events of a key have one order; each partition of a group belongs to
// one process at a time, which holds a lease on it. Whatever else publishes to
// those subjects is read too, in binary or structured mode.
package natsevents
