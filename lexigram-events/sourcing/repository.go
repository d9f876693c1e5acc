package sourcing

import (
	"context"
	"fmt"
	"log/slog"
	"mime"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// Options say what a [Repository] keeps and how. Source, New, Facts and Codec are needed.
type Options[A Aggregate] struct {
	Source string       // of events: the URI reference of this producer, such as "/bank"
	Prefix string       // of the names of streams, before the ID; it tells aggregates of one type from others
	New    func() A     // returns an aggregate without events
	Facts  []AnyFact[A] // all that ever happen to an A, in their shapes of today; see package upcast for earlier ones
	Codec  codec.Codec  // of the data of events and of snapshots
	Format string       // the media type of what Codec writes; "" is application/json

	// Edit, if not nil, changes an event before it is saved. The event has its
	// stream for a key, so that a bus keeps the order, and within a handler of
	// package router the headers of what the event that is handled causes.
	Edit func(ctx context.Context, ev *events.Event)
	// Other, if not nil, is given the events that are none of Facts, such as one
	// of which the data were erased. nil makes them [ErrFact].
	Other func(a A, rec eventstore.Recorded) error

	// Publisher, if not nil, gets what is saved in the same transaction of Tx:
	// an outbox in the database of the store. Tx and Publisher come together.
	Publisher events.Publisher
	Tx        sqldb.Transactor

	// Snapshots, if not nil, keeps the state of an aggregate, as Codec writes it, every
	// SnapshotEvery events; 0 means 100. One of another fingerprint, which is that of the
	// type of A and of Facts, and Revision, is not used. Snapshots that fail
	// cost time and nothing else, and are told to Logger. Who restores the store
	// from a backup deletes them: Load believes one that is ahead of its stream.
	Snapshots     state.Store
	SnapshotEvery int
	Revision      int // to change when Apply comes to mean something else

	Attempts int          // of Update, when others append at the same time; 0 means 10
	Logger   *slog.Logger // nil discards
}

// A Repository loads and saves aggregates of one type. It is safe for concurrent
// use; make one with [New].
type Repository[A Aggregate] struct {
	store eventstore.Store
	opts  Options[A]
	facts map[string]AnyFact[A]
	print fingerprint
}

// New returns a repository over a store. Options that are not whole are an error
// wrapping [eventstore.ErrInvalid] that says all that is wrong.
func New[A Aggregate](store eventstore.Store, opts Options[A]) (*Repository[A], error) {
	var v errs.ValidationError
	need := func(ok bool, field, problem string) {
		if !ok {
			v.Add(field, problem, "")
		}
	}
	of := reflect.TypeFor[A]()
	need(of.Kind() == reflect.Pointer && of.Elem().Kind() == reflect.Struct, "A", "is "+of.String()+": it must be a pointer to a struct that embeds Root")
	need(store != nil, "store", "is nil")
	need(opts.Source != "", "Source", `is empty: it names the producer, such as "/bank"`)
	need(opts.New != nil, "New", "is nil")
	need(opts.Codec != nil, "Codec", "is nil")
	need(len(opts.Facts) > 0, "Facts", "are none")
	need((opts.Publisher == nil) == (opts.Tx == nil), "Publisher and Tx", "come together: without a transaction one of the store and the publisher may have an event that the other has not")
	need(opts.SnapshotEvery >= 0, "SnapshotEvery", "is negative")
	need(opts.Attempts >= 0, "Attempts", "is negative")
	facts := make(map[string]AnyFact[A], len(opts.Facts))
	for i, f := range opts.Facts {
		field := fmt.Sprintf("Facts[%d]", i)
		if f == nil {
			v.Add(field, "is nil", "")
			continue
		}
		typ, schema, _, ok := f.describe()
		need(ok, field, "has no Apply")
		if err := events.Check(events.Event{ID: "x", Source: "x", Type: typ, Schema: schema}); err != nil {
			v.Add(field, err.Error(), "")
		}
		need(facts[typ] == nil, field, fmt.Sprintf("is a second one of type %q", typ))
		facts[typ] = f
	}
	if err := v.Err(); err != nil {
		return nil, eventstore.ErrInvalid.Wrap(err, "sourcing")
	}
	if opts.SnapshotEvery == 0 {
		opts.SnapshotEvery = 100
	}
	if opts.Attempts == 0 {
		opts.Attempts = 10
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	return &Repository[A]{store: store, opts: opts, facts: facts, print: fingerprintOf(of.Elem(), opts)}, nil
}

// Make returns an aggregate without events, which Save appends to a stream that
// has none. An ID with which the name of the stream is none is found by Save.
func (r *Repository[A]) Make(id string) A {
	a := r.opts.New()
	root := a.root()
	*root = Root{id: id, stream: r.opts.Prefix + id}
	return a
}

// Load returns the aggregate that the events of its stream make, from the last
// snapshot on. Without events it is an error wrapping [eventstore.ErrNoStream];
// an event that is none of the facts is one wrapping [ErrFact].
func (r *Repository[A]) Load(ctx context.Context, id string) (A, error) {
	return r.load(ctx, id, r.opts.Snapshots != nil)
}

func (r *Repository[A]) load(ctx context.Context, id string, snapshots bool) (A, error) {
	a := r.Make(id)
	if snapshots {
		if from, ok := r.snapshot(ctx, id); ok {
			a = from
		}
	}
	var none A
	root := a.root()
	for rec, err := range r.store.Read(ctx, root.stream, root.version) {
		if err == nil {
			err = r.apply(a, rec)
		}
		if err != nil {
			return none, err
		}
		root.version, root.position = rec.Version, rec.Position
	}
	return a, nil
}

func (r *Repository[A]) apply(a A, rec eventstore.Recorded) error {
	f, why := r.facts[rec.Type], ""
	if f == nil {
		why = "no fact has its type"
	} else if _, schema, _, _ := f.describe(); schema != max(rec.Schema, 1) {
		why = fmt.Sprintf("the fact has schema %d: earlier ones are for package upcast, later ones for a later program", schema)
	} else if rec.Format != r.opts.Format && mediaType(rec.Format) != mediaType(r.opts.Format) {
		why = fmt.Sprintf("its format is %q", rec.Format)
	}
	switch {
	case why != "" && r.opts.Other != nil:
		return r.opts.Other(a, rec)
	case why != "":
		return ErrFact.Wrap(nil, "sourcing: stream %q at version %d: event of type %q and schema %d: %s", rec.Stream, rec.Version, rec.Type, rec.Schema, why)
	}
	if err := f.apply(r.opts.Codec, a, rec.Data); err != nil {
		return ErrFact.Wrap(err, "sourcing: stream %q at version %d: event of type %q", rec.Stream, rec.Version, rec.Type)
	}
	return nil
}

// mediaType returns that of a format, without its parameters.
func mediaType(format string) string {
	if format == "" {
		return "application/json"
	}
	t, _, err := mime.ParseMediaType(format)
	if err != nil {
		return format
	}
	return t
}
