package sqldriver

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A DB is a [sqldb.DB] over a [Driver]. Make it with [New]. It is safe for
// concurrent use, holds nothing that must be closed, and starts no goroutine.
type DB struct {
	driver Driver
	opts   Options
	scope  sqldb.Scope
}

var _ sqldb.DB = (*DB)(nil)

// New returns a DB that runs its statements on d.
func New(d Driver, o Options) *DB { return &DB{driver: d, opts: o.withDefaults()} }

// Dialect returns the driver's.
func (db *DB) Dialect() sqldb.Dialect { return db.driver.Dialect() }

// Query implements [sqldb.Querier]. Arguments that the contract does not list
// are an error before anything is sent, and leave a transaction as it was; so
// does a statement that begins or ends transactions, which matches errors.ErrUnsupported.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	f, args, err := db.prepare(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	if f != nil {
		return f.query(ctx, sql, args)
	}
	rows, err := db.driver.Query(ctx, sql, args)
	if err != nil {
		return nil, seal(ctx, err, "query")
	}
	return rows, nil
}

// Exec implements [sqldb.Querier]; see [DB.Query].
func (db *DB) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	f, args, err := db.prepare(ctx, sql, args)
	if err != nil {
		return 0, err
	}
	if f != nil {
		return f.exec(ctx, sql, args)
	}
	n, err := db.driver.Exec(ctx, sql, args)
	return n, seal(ctx, err, "exec")
}

// prepare checks a statement and returns the ambient transaction, or nil.
func (db *DB) prepare(ctx context.Context, sql string, args []any) (*frame, []any, error) {
	if err := checkStatement(sql, db.driver.Dialect()); err != nil {
		return nil, nil, err
	}
	args, err := normalize(args)
	if err != nil {
		return nil, nil, err
	}
	f := db.ambient(ctx)
	if f == nil {
		err = db.checkHeld(ctx, sql)
	}
	return f, args, err
}

// ambient returns the transaction that statements of ctx join, or nil.
func (db *DB) ambient(ctx context.Context) *frame {
	f, _ := db.scope.Tx(ctx).(*frame)
	return f
}

// checkHeld refuses a write that would wait for the transaction that ctx was detached from.
func (db *DB) checkHeld(ctx context.Context, sql string) error {
	if !db.opts.SingleWriter {
		return nil
	}
	held, _ := db.scope.Held(ctx).(*frame)
	if held == nil || !held.tx.writes() || sql != "" && db.opts.Reads(sql) {
		return nil
	}
	return busy("the database has one writer, and this context was detached from its transaction: write after it, in sqldb.OnCommit, or in a database of its own")
}
