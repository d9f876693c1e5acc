// Package projection keeps read models up to the events of a log: each
// projection handles every event once it is settled, in order, and remembers
// how far it is in the transaction that changes the read model.
//
//	orders := projection.Projection{
//		Name: "orders", Version: 2, Types: []string{"orders.>"},
//		Handle: func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
//			return upsertOrder(ctx, db, g, rec) // into the rows of g
//		},
//	}
//	projector, err := projection.New(log, db, projection.Options{}, orders)
//	err = projector.Start(ctx)
//
// A read model is built anew beside the one that is read, as a [Generation] of
// its own, and takes its place in one step once it has caught up: when the
// Version is raised, and on [Projector.Rebuild]. Readers ask [Projector.Live] which one to
// read, and [Projector.WaitFor] until it shows what they have just appended.
package projection
