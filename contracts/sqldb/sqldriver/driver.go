package sqldriver

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Conn runs statements. Placeholders and results are those of [sqldb.Querier].
//
// Arguments are only nil, bool, int64, float64, string, []byte and time.Time in
// UTC and whole microseconds of the years 1 to 9999: [DB] converts everything
// else. They belong to the caller; a Conn keeps no reference when it, or the
// rows it returned, is done.
//
// Every error, those of the rows included, matches its sentinel of package
// sqldb, is one line, and holds no password. A statement that ends because its
// ctx did returns an error that matches context.Cause(ctx).
type Conn interface {
	Query(ctx context.Context, sql string, args []any) (sqldb.Rows, error)
	Exec(ctx context.Context, sql string, args []any) (affected int64, err error)
}

// A Driver is a database as its backend sees it. It is safe for concurrent use.
// As a [Conn] it runs each statement by itself, on any connection.
type Driver interface {
	Conn
	// Dialect never changes and does no I/O.
	Dialect() sqldb.Dialect
	// Begin starts a transaction. ctx bounds Begin, not the transaction. An
	// isolation that the database does not have wraps errors.ErrUnsupported.
	Begin(ctx context.Context, o BeginOptions) (Tx, error)
}

// BeginOptions say which transaction is wanted.
type BeginOptions struct {
	Isolation sqldb.Isolation // at least; [sqldb.DefaultIsolation] leaves it to the database
	ReadOnly  bool            // a write is [sqldb.ErrReadOnly]
}

// A Tx is a transaction on a connection of its own. [DB] runs one statement of
// it at a time and reads its rows to the end, or closes them, before the next.
// It makes savepoints by the statements SAVEPOINT, RELEASE SAVEPOINT and ROLLBACK TO SAVEPOINT.
//
// Exactly one of Commit and Rollback is called, once, with a ctx that is not
// cancelled with the caller's. Either gives the connection back, or discards
// one that may still be in the transaction.
type Tx interface {
	Conn
	// Commit returns [sqldb.ErrCommitUnknown] if COMMIT was sent and no answer
	// came; after any other error the transaction is rolled back.
	Commit(ctx context.Context) error
	// Rollback returns nil if the database had rolled back before.
	Rollback(ctx context.Context) error
}
