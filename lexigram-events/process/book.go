package process

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A book keeps records. Its methods join the ambient transaction, if it has one.
type book interface {
	// get returns a record, or saga.ErrNotFound.
	get(ctx context.Context, id string) (*record, error)
	// create keeps a record with an ID that is new, or returns saga.ErrExists.
	create(ctx context.Context, r *record) error
	// swap keeps next in place of old, as get returned it, or returns errChanged. It sets next's mark.
	swap(ctx context.Context, old, next *record) error
	// ready returns the IDs of at most n records of the kinds that are due at
	// now, those first that are due first.
	ready(ctx context.Context, now time.Time, kinds []string, n int) ([]string, error)
	// list yields what f chooses; see saga.Inspector.
	list(ctx context.Context, f saga.Filter) iter.Seq2[*record, error]
	// purge forgets what ended well before an instant.
	purge(ctx context.Context, before time.Time) (int64, error)
	// atomically runs fn in a transaction, or returns errors.ErrUnsupported.
	atomically(ctx context.Context, fn func(ctx context.Context) error) error
	// notify wakes workers, once the ambient transaction has committed.
	notify(ctx context.Context, wake func()) error
	// listen returns a channel of what other processes notify, or nil.
	listen(ctx context.Context) (<-chan struct{}, error)
}

// errChanged reports a record that is not what the caller knows.
var errChanged = errors.New("changed meanwhile")

// kindOf names a definition in a book.
func kindOf(name string, version int) string { return name + "@" + itoa(version) }

// matches reports whether f chooses a record of the saga and status.
func matches(f saga.Filter, r *record) bool {
	if f.Saga != "" && f.Saga != r.Saga {
		return false
	}
	for _, s := range statusesOf(f) {
		if s == r.Status {
			return true
		}
	}
	return false
}

func statusesOf(f saga.Filter) []saga.Status {
	if f.Status != nil {
		return f.Status
	}
	return []saga.Status{saga.Running, saga.Waiting, saga.Compensating, saga.Failed}
}
