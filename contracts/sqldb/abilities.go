package sqldb

import (
	"context"
	"iter"
)

type replicaKey struct{}

// AllowReplica lets the queries of ctx that are outside transactions answer from a replica that lags.
func AllowReplica(ctx context.Context) context.Context {
	return context.WithValue(ctx, replicaKey{}, true)
}

// ReplicaAllowed reports whether [AllowReplica] holds; for implementers.
func ReplicaAllowed(ctx context.Context) bool { return ctx.Value(replicaKey{}) != nil }

// Optional abilities of a [DB], found by type assertion. A caller takes
// errors.ErrUnsupported, which comes before any effect, as absence, and falls
// back: to statements, to polling, to a transaction.
type (
	// A BulkWriter takes many rows faster than statements can (COPY).
	BulkWriter interface {
		// Upsert inserts rows or, where key conflicts, replaces the other
		// columns, all or none, in the ambient transaction. An error of rows
		// ends it and is returned. No row is kept when yield has returned.
		Upsert(ctx context.Context, table string, columns, key []string, rows iter.Seq2[[]any, error]) (int64, error)
	}
	// A Listener wakes readers of a table (LISTEN); without one they poll.
	Listener interface {
		// Listen sends a value soon after a commit that notified channel, and
		// after every reconnect, until ctx ends, which closes the channel.
		// Values coalesce.
		Listen(ctx context.Context, channel string) (<-chan struct{}, error)
		// Notify does so, when the ambient transaction commits.
		Notify(ctx context.Context, channel string) error
	}
	// A Pinner runs fn on one connection outside a transaction: session locks, migrations.
	Pinner interface {
		Pinned(ctx context.Context, fn func(ctx context.Context) error) error
	}
)
