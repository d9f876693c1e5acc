package stdsql

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// Options tell what database/sql does not. The zero value is ready to use.
type Options struct {
	// Constraint returns which constraint, table and column an error of the
	// driver names, "" for what it does not. nil names what the text of the
	// error does. Drivers have fields for it; for pgx:
	//
	//	pg, _ := errors.AsType[*pgconn.PgError](err)
	//	return pg.ConstraintName, pg.TableName, pg.ColumnName
	Constraint func(err error) (constraint, table, column string)
}

// A DB is a database. It is safe for concurrent use; make one with [New]. It
// does not own the pool: who opened that closes it.
type DB struct {
	*sqldriver.DB
	pool *sql.DB
}

var (
	_ sqldb.DB     = (*DB)(nil)
	_ sqldb.Pinner = (*DB)(nil)
)

// New returns the contract over pool, whose driver speaks d. It does no I/O. An
// unknown dialect is an error wrapping errors.ErrUnsupported. Errors are told
// apart by the methods SQLState() string, which the drivers of PostgreSQL have,
// and Code() int, which modernc.org/sqlite has.
//
// What the driver needs for the promises of the contract is for the data source
// name to say: for SQLite foreign keys, WAL and a busy timeout, for PostgreSQL
// the time zone of the session, UTC.
func New(pool *sql.DB, d sqldb.Dialect, o Options) (*DB, error) {
	if pool == nil {
		return nil, sqldb.Err.Wrap(errors.New("the pool is nil"), "stdsql: new")
	}
	r := &router{pool: pool, dialect: d, faults: faults{o.Constraint}}
	so := sqldriver.Options{DefaultIsolation: sqldb.ReadCommitted}
	switch d {
	case sqldb.Postgres:
	case sqldb.SQLite:
		so = sqldriver.Options{DefaultIsolation: sqldb.Serializable, SingleWriter: true, Reads: func(sql string) bool {
			st, err := r.parse(sql)
			return err == nil && st.verb == reading
		}}
	default:
		return nil, sqldb.Err.Wrap(errors.ErrUnsupported, "stdsql: dialect %q is neither postgres nor sqlite", d)
	}
	return &DB{DB: sqldriver.New(r, so), pool: pool}, nil
}

// Pool returns what New was given.
func (db *DB) Pool() *sql.DB { return db.pool }

// PoolStats returns the counts of the pool. One without a limit has a Max of 0.
func (db *DB) PoolStats() sqldb.PoolStats {
	s := db.pool.Stats()
	return sqldb.PoolStats{
		Max: s.MaxOpenConnections, Total: s.OpenConnections, InUse: s.InUse, Idle: s.Idle,
		Waited: s.WaitCount, WaitTime: s.WaitDuration, Destroyed: s.MaxIdleClosed + s.MaxIdleTimeClosed + s.MaxLifetimeClosed,
	}
}

// Ping asks the server whether it is there.
func (db *DB) Ping(ctx context.Context) error {
	var one int64
	return sqldb.QueryRow(sqldb.Detach(ctx), db, "SELECT 1").Scan(&one)
}
