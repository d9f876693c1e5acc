// Package sqlite is a [sqldb.DB] in a SQLite file, without cgo and without a
// server: write-ahead log, one connection that writes, several that read.
//
//	db, err := sqlite.Open(ctx, sqlite.Config{Path: "app.db"})
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//
// Statements that only read (SELECT, VALUES, EXPLAIN, WITH … SELECT) run beside
// the writer on a snapshot; everything else waits its turn. A transaction begins
// with BEGIN IMMEDIATE unless it is [sqldb.ReadOnly], so that it never loses
// the race from reading to writing.
package sqlite
