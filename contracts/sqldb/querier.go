package sqldb

import "context"

// MaxParams is how many placeholders every backend accepts.
const MaxParams = 999

// A Dialect says which SQL a database speaks.
type Dialect string

// The dialects.
const (
	Postgres Dialect = "postgres"
	SQLite   Dialect = "sqlite"
)

// A Querier runs statements. It is safe for concurrent use, except inside a
// transaction: there a statement returns [ErrTxBusy] while another one of the
// same transaction runs, while its Rows are open, or while a nested InTx is
// open whose ctx is not the one given.
type Querier interface {
	// Query returns the rows of a statement, which may write (RETURNING): it
	// runs on the primary unless ctx says [AllowReplica]. The caller closes
	// the rows. Cancelling ctx ends the statement and the rows. An error of
	// the statement comes here, from Rows.Err or from Rows.Close, each time
	// with its sentinel.
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	// Exec runs a statement and returns the number of rows it affected.
	Exec(ctx context.Context, sql string, args ...any) (affected int64, err error)
	// Dialect never changes and does no I/O.
	Dialect() Dialect
}

// Rows is a forward cursor; it belongs to one goroutine. It closes itself when
// Next returns false or Scan fails, and Err has the reason. A Scan that fails
// does not fail the transaction.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Columns() []string
	Err() error
	Close() error
}
