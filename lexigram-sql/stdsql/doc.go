// Package stdsql is a [sqldb.DB] over any [database/sql.DB] whose driver speaks
// PostgreSQL or SQLite: for a pool that is there already, a driver of one's own
// choice, or instrumentation that wraps drivers.
//
//	pool, err := sql.Open("pgx", url)
//	if err != nil {
//		return err
//	}
//	db, err := stdsql.New(pool, sqldb.Postgres, stdsql.Options{})
//
// The packages postgres and sqlite do more, with fewer allocations.
package stdsql
