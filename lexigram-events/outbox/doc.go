// Package outbox sends events exactly if the transaction that they tell of
// commits. An [Outbox] is an [events.Publisher] that writes them to a table in
// the ambient transaction; a [Relay] takes them from there to the bus, and
// again after a crash; an [Inbox] keeps a consumer that writes to the same
// database from doing so twice.
//
//	box, err := outbox.New(db, outbox.Options{})
//	relay, err := outbox.NewRelay(db, bus, outbox.RelayOptions{Wake: box.Committed()})
//	err = relay.Start(ctx)
//	err = db.InTx(ctx, func(ctx context.Context) error {
//		if err := orders.Save(ctx, order); err != nil {
//			return err
//		}
//		return box.Publish(ctx, events.New("/orders", "orders.order.placed", body))
//	})
//
// The tables are those of [Migrations].
package outbox
