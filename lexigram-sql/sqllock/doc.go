// Package sqllock keeps leases in a table of any [sqldb.DB]: a [lock.Store] whose
// clock is that of the database. Apply [Migrations] first.
//
//	store, err := sqllock.New(db, sqllock.Options{})
//
// A lease is a row, one statement takes, extends and releases it, and all of them
// are outside every ambient transaction. SQLite has one writer, and refuses a lease
// inside a transaction that writes (sqldb.ErrTxBusy): there the leases have a file
// of their own, which [Module] opens.
//
// [Guard] is the other half of a fence: it refuses, inside the transaction that
// writes, an owner that was paused past its lease.
//
// Advisory locks of PostgreSQL are no leases: they last as long as a connection,
// also when their owner is paused beyond every ttl, and have no fence.
package sqllock
