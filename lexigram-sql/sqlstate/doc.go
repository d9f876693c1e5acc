// Package sqlstate keeps state in a table of any [sqldb.DB]: a [state.Store] that
// survives the process, and whose clock is that of the database. Apply [Migrations] first.
//
//	store, err := sqlstate.New(db)
//
// It is outside every ambient transaction. SQLite has one writer, and refuses to
// write state inside a transaction that writes (sqldb.ErrTxBusy): there the state has
// a file of its own, which [Module] opens.
package sqlstate
