// Package sqlevents is a durable bus of events in an SQL database: what was
// published survives the process, and is published with the transaction that it
// tells of. It needs no server beside the database.
//
//	bus, err := sqlevents.New(db, sqlevents.Options{})
//	defer bus.Close(ctx)
//	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.>"}, Group: "mail"}, sendMail)
//	err = db.InTx(ctx, func(ctx context.Context) error {
//		if err := orders.Save(ctx, order); err != nil {
//			return err
//		}
//		return bus.Publish(ctx, events.New("/orders", "orders.order.placed", body))
//	})
//
// Each group has a queue of its own in the table, which the consumers of all
// processes share. The tables are those of [Migrations].
package sqlevents
