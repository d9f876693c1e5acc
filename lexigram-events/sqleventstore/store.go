package sqleventstore

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Options say how a [Store] behaves. The zero value is ready to use.
type Options struct {
	// Poll is how often Wait looks at the table when nothing wakes it: it is
	// woken by what this Store appends and, while [Store.Run] runs on a database
	// that notifies, by what others do. 0 means 1 s; a millisecond is the least.
	Poll   time.Duration
	Logger *slog.Logger // nil discards
}

// A Store is an [eventstore.Log] in a database. It is safe for concurrent use;
// make one with [New].
type Store struct {
	db      sqldb.DB
	opts    Options
	dialect dialect
	insert1 string // of one event

	mu      sync.Mutex
	changed chan struct{} // closed when something was committed; nil if nobody waits
}

var _ eventstore.Log = (*Store)(nil)

// channel is what stores notify where the database can.
const channel = "lexigram_event"

// New returns a store in db, which has the tables of [Migrations]. It does no I/O.
func New(db sqldb.DB, opts Options) (*Store, error) {
	if db == nil {
		return nil, eventstore.ErrInvalid.Wrap(nil, "sqleventstore: the database is nil")
	}
	if _, err := Migrations().FS(db.Dialect()); err != nil {
		return nil, err
	}
	if opts.Poll == 0 {
		opts.Poll = time.Second
	}
	if opts.Poll < time.Millisecond {
		return nil, eventstore.ErrInvalid.Wrap(nil, "sqleventstore: Poll is %v: it must be a millisecond at least, or 0 for a second", opts.Poll)
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	d := dialectOf(db.Dialect())
	return &Store{db: db, opts: opts, dialect: d, insert1: d.insert(1, d.conflicts)}, nil
}

// began returns an error if ctx has ended: no statement tells that in all places.
func began(ctx context.Context, op string, args ...any) error {
	if ctx.Err() != nil {
		return eventstore.Err.Wrap(context.Cause(ctx), "sqleventstore: "+op, args...)
	}
	return nil
}
