package sqldb

import (
	"context"
	"io"
)

type replicaKey struct{}

// AllowReplica lets the queries of ctx that are outside transactions answer from a replica that lags.
func AllowReplica(ctx context.Context) context.Context {
	return context.WithValue(ctx, replicaKey{}, true)
}

// ReplicaAllowed reports whether [AllowReplica] holds; for implementers.
func ReplicaAllowed(ctx context.Context) bool { return ctx.Value(replicaKey{}) != nil }

// Optional abilities of a [DB], found by type assertion; [BulkWriter],
// [BulkReturner] and [Pool] are others. A caller takes errors.ErrUnsupported, which comes before
// any effect, as absence, and falls back: to statements, to polling, to a transaction.
type (
	// A Listener wakes readers of a table (LISTEN); without one they poll.
	Listener interface {
		// Listen sends a value soon after a commit that notified channel, and
		// after every reconnect, until ctx ends or the database is closed,
		// which closes the channel. Values coalesce. channel has 1 to 63 bytes.
		Listen(ctx context.Context, channel string) (<-chan struct{}, error)
		// Notify does so, when the ambient transaction commits.
		Notify(ctx context.Context, channel string) error
	}
	// A Pinner runs fn on one connection outside a transaction: session locks, migrations.
	Pinner interface {
		// Pinned runs the statements and transactions of the ctx given to fn
		// on one connection, one at a time ([ErrTxBusy]). What they leave on
		// it, locks and settings and temporary tables, ends with fn, however
		// that ends. A Pinned inside runs on the same connection; one inside a
		// transaction is [ErrTxOptions].
		//
		// Outside Pinned a statement that changes its connection for those after
		// it (SET but SET LOCAL, LISTEN, PRAGMA but those of the file, ATTACH,
		// CREATE TEMPORARY but ON COMMIT DROP) is errors.ErrUnsupported, before
		// any effect.
		Pinned(ctx context.Context, fn func(ctx context.Context) error) error
	}
	// A Settings runs statements under settings of the session, such as the
	// tenant that a policy for rows compares with.
	Settings interface {
		// WithSettings returns a view of the database each statement of which
		// has the settings, sent together with it: it costs no round trip
		// more, and no other statement sees them, one of the same transaction
		// neither: it sees what its transaction has set. It does no I/O; a
		// setting that the database refuses fails the statement.
		WithSettings(settings ...Setting) (Querier, error)
	}
	// An Opener opens databases beside this one, with its configuration.
	Opener interface {
		// Open returns the database of p, with connections of its own, which
		// the caller closes. It is no part of this one: not of its
		// transactions, and not closed with it.
		Open(ctx context.Context, p Place) (Opened, error)
	}
)

// A Setting is a name that the database accepts, such as "app.tenant", and its value.
type Setting struct{ Name, Value string }

// A Place says which database is meant: a name that is "" is that of the
// database that is asked, but not both. Names are 1 to 63 letters, digits,
// underscores and hyphens; any other is [ErrArgument].
type Place struct {
	Database string // on the server; of SQLite, a file in the same directory, without its extension
	Schema   string // in the database, first in its search path; errors.ErrUnsupported for SQLite
	Create   bool   // make it if it is not there
}

// Opened is a database that the caller closes.
type Opened interface {
	DB
	io.Closer
}
