package sqldb

import "context"

type replicaKey struct{}

// AllowReplica lets the queries of ctx that are outside transactions answer from a replica that lags.
func AllowReplica(ctx context.Context) context.Context {
	return context.WithValue(ctx, replicaKey{}, true)
}

// ReplicaAllowed reports whether [AllowReplica] holds; for implementers.
func ReplicaAllowed(ctx context.Context) bool { return ctx.Value(replicaKey{}) != nil }

// Optional abilities of a [DB]. Each has a portable function that falls back.
type (
	// A BulkWriter takes many rows faster than statements can (COPY).
	BulkWriter interface {
		// Upsert inserts rows or, where key conflicts, replaces the other
		// columns, all or none, in the ambient transaction.
		Upsert(ctx context.Context, table string, columns, key []string, rows func(yield func(row []any) bool)) (int64, error)
	}
	// A Listener wakes readers of a table (LISTEN); without one they poll.
	Listener interface {
		// Listen sends a value soon after a commit that notified channel, and
		// after every reconnect, until ctx ends. Values coalesce.
		Listen(ctx context.Context, channel string) (<-chan struct{}, error)
		// Notify does so, when the ambient transaction commits.
		Notify(ctx context.Context, channel string) error
	}
	// A Pinner runs fn on one connection outside a transaction: session locks, migrations.
	Pinner interface {
		Pinned(ctx context.Context, fn func(ctx context.Context) error) error
	}
)
