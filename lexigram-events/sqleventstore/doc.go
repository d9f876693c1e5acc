// Package sqleventstore keeps streams of events in a SQL database. What is
// appended in a transaction is there if it commits, together with whatever else
// the transaction wrote: a table, an outbox.
//
//	store, err := sqleventstore.New(db, sqleventstore.Options{})
//	err = db.InTx(ctx, func(ctx context.Context) error {
//		if _, err := store.Append(ctx, "order-7", version, paid); err != nil {
//			return err
//		}
//		return box.Publish(ctx, paid)
//	})
//
// The tables are those of [Migrations].
//
// # The order of all events
//
// Transactions commit out of order. On PostgreSQL an event shows in
// [Store.ReadAll] when every transaction that began to write before it was appended has ended:
// one that stays open holds back what others append meanwhile, in whatever
// database of the server it is. On SQLite, which has one writer, an event shows
// when it is committed.
//
// Positions survive a dump that is restored on another server: what is appended
// there has later ones. On PostgreSQL they tell a backup from what came after it
// too; a reader whose position is of the lost part gets what is appended anew.
// On SQLite a position that is ahead of the file is [eventstore.ErrPosition] until
// the file has caught up: a reader that outlives its restored store starts over.
//
// # Tenants
//
// As in an outbox, the tenant of an event is that of its header, and has a column
// for the policies and the deletions of the database. The store is of all
// tenants, and so are the names of streams: put the tenant into them, or give
// each a database of its own.
package sqleventstore
