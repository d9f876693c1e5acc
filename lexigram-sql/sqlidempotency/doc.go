// Package sqlidempotency keeps claims and results in a table of any [sqldb.DB]: an
// [idempotency.Store] in the database that the work writes to, so that effect and
// result are one commit. Apply [Migrations] first.
//
//	store, err := sqlidempotency.New(db)
//
// A claim is outside every ambient transaction, and so is its release: others see
// them at once. Complete joins the transaction of its context, and fails it if the
// claim was lost. While that transaction is open, its row stands in the way of others
// also past the end of the claim: they are told "pending" at once.
//
// SQLite has one writer: claim before the transaction begins, or it is
// sqldb.ErrTxBusy, and let claims outlast transactions, because a renewal waits for
// the writer.
package sqlidempotency
