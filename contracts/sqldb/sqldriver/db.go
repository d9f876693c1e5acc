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
	guard  *guard
}

var (
	_ sqldb.DB       = (*DB)(nil)
	_ sqldb.Pinner   = (*DB)(nil)
	_ sqldb.Settings = (*DB)(nil)
)

// New returns a DB that runs its statements on d.
func New(d Driver, o Options) *DB { return &DB{driver: d, opts: o.withDefaults(), guard: newGuard()} }

// Dialect returns the driver's.
func (db *DB) Dialect() sqldb.Dialect { return db.driver.Dialect() }

// Query implements [sqldb.Querier]. Arguments that the contract does not list
// are an error before anything is sent, and leave a transaction as it was; so
// does a statement that begins or ends transactions, which matches errors.ErrUnsupported.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	return db.query(ctx, statement{sql: sql, args: args})
}

// Exec implements [sqldb.Querier]; see [DB.Query].
func (db *DB) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return db.exec(ctx, statement{sql: sql, args: args})
}

func (db *DB) query(ctx context.Context, st statement) (sqldb.Rows, error) {
	f, err := db.prepare(ctx, &st)
	if err != nil {
		return nil, err
	}
	if f != nil {
		return f.query(ctx, &st)
	}
	rows, err := st.query(ctx, db.driver)
	if err != nil {
		return nil, seal(ctx, err, "query")
	}
	return rows, nil
}

func (db *DB) exec(ctx context.Context, st statement) (int64, error) {
	f, err := db.prepare(ctx, &st)
	if err != nil {
		return 0, err
	}
	if f != nil {
		return f.exec(ctx, &st)
	}
	n, err := st.exec(ctx, db.driver)
	return n, seal(ctx, err, "exec")
}

// prepare checks a statement and returns the ambient transaction, or nil.
func (db *DB) prepare(ctx context.Context, st *statement) (*frame, error) {
	if err := db.Check(ctx, st.sql); err != nil {
		return nil, err
	}
	var err error
	if st.args, err = normalize(st.args); err != nil {
		return nil, err
	}
	f := db.ambient(ctx)
	if f == nil {
		err = db.outside(ctx, st.sql)
	}
	return f, err
}

// ambient returns the transaction that statements of ctx join, or the pinned
// connection that they use, or nil.
func (db *DB) ambient(ctx context.Context) *frame {
	f, _ := db.scope.Tx(ctx).(*frame)
	return f
}

// outside returns why what is outside transactions may not run; sql is "" for
// what may write.
func (db *DB) outside(ctx context.Context, sql string) error {
	if err := db.checkHeld(ctx, sql); err != nil {
		return err
	}
	return db.guard.check(ctx)
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
