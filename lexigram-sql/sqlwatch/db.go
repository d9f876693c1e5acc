package sqlwatch

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Options says who is told of statements.
type Options struct {
	// Logger is told of each statement, with its arguments: a [Log], for one. nil is nobody.
	Logger sqldb.QueryLogger
	// Observer gets a span "sql.query", "sql.exec" or "sql.upsert" for each statement, with
	// its [Fingerprint] and the code of its error, never a value; the histogram "sql.duration" and the counter "sql.failures".
	Observer observe.Observer
	// Callers records where in the program a statement was run, which costs about a microsecond.
	Callers bool
	// Wait is how long something may wait for a connection before Report is told who
	// holds them. 0 is for ever, and keeps no record of that; more costs a timer and a
	// stack for each statement outside transactions.
	Wait time.Duration
	// Report gets a warning when Wait is over, at most one in a Wait. Needed for Wait.
	Report *slog.Logger
}

// A DB is a database whose statements are watched. It joins the transactions of
// the database under it, has its abilities, and is as safe for concurrent use.
// Make one with [New].
type DB struct {
	inner sqldb.DB
	opts  Options
	scope sqldb.Scope // of the transactions begun here
	txs   atomic.Uint64
	held  *holders // nil unless Wait
}

var (
	_ sqldb.DB             = (*DB)(nil)
	_ sqldb.BulkWriter     = (*DB)(nil)
	_ sqldb.BulkReturner   = (*DB)(nil)
	_ sqldb.Listener       = (*DB)(nil)
	_ sqldb.ConnectionPool = (*DB)(nil)
	_ sqldb.Settings       = (*DB)(nil)
	_ sqldb.Opener         = (*DB)(nil)
	_ health.Checker       = (*DB)(nil)
)

// New returns a view of inner. It does no I/O. Options that contradict each other are
// an error that wraps [sqldb.ErrArgument].
func New(inner sqldb.DB, o Options) (*DB, error) {
	switch {
	case inner == nil:
		return nil, sqldb.ErrArgument.Wrap(errors.New("the database is nil"), "sqlwatch: new")
	case o.Wait < 0:
		return nil, sqldb.ErrArgument.Wrap(errors.New("Wait is negative: leave it 0 for no bound"), "sqlwatch: new")
	case o.Wait > 0 && o.Report == nil:
		return nil, sqldb.ErrArgument.Wrap(errors.New("Wait needs Report, a logger"), "sqlwatch: new")
	}
	d := &DB{inner: inner, opts: o}
	if o.Wait > 0 {
		d.held = newHolders(inner, o)
	}
	return d, nil
}

// Dialect returns that of the database.
func (d *DB) Dialect() sqldb.Dialect { return d.inner.Dialect() }

// Query implements [sqldb.Querier].
func (d *DB) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	return d.query(ctx, d.inner, sql, args)
}

// Exec implements [sqldb.Querier].
func (d *DB) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return d.exec(ctx, d.inner, sql, args)
}

// WithSettings returns a view whose statements are watched, too. It returns an
// error wrapping errors.ErrUnsupported if the database cannot.
func (d *DB) WithSettings(settings ...sqldb.Setting) (sqldb.Querier, error) {
	s, ok := d.inner.(sqldb.Settings)
	if !ok {
		return nil, unsupported("settings")
	}
	inner, err := s.WithSettings(settings...)
	if err != nil {
		return nil, err
	}
	return view{d, inner}, nil
}

// A view is a database with settings.
type view struct {
	db    *DB
	inner sqldb.Querier
}

func (v view) Dialect() sqldb.Dialect { return v.inner.Dialect() }

func (v view) Query(ctx context.Context, sql string, args ...any) (sqldb.Rows, error) {
	return v.db.query(ctx, v.inner, sql, args)
}

func (v view) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return v.db.exec(ctx, v.inner, sql, args)
}

func unsupported(what string) error {
	return sqldb.Err.Wrap(errors.ErrUnsupported, "sqlwatch: %s: the database cannot", what)
}
