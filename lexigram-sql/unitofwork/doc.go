// Package unitofwork gathers what a use case changes and writes it in one
// transaction, with the events that say so.
//
//	err := unitofwork.Do(ctx, db, func(ctx context.Context, u *unitofwork.Unit) error {
//		orders := unitofwork.Of(u, orderRepository, func(o *Order) int64 { return o.ID })
//		order, err := orders.Get(ctx, id) // the same pointer each time
//		if err != nil {
//			return err
//		}
//		order.Ship() // records an event
//		return orders.Dirty(order)
//	}, unitofwork.Publish(outbox))
//
// At the end of fn the entities are written in the order in which they were
// registered, then the events of every entity that the unit has seen are handed to the publisher, all in
// the transaction: with an outbox they are kept if and only if the entities
// are. Then the transaction commits, and then come the functions of [Unit.AfterCommit].
package unitofwork
