package sourcing

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/causation"
	"github.com/lexigram/lexigram-go/lexigram-events/router"
)

// Save appends what is pending to the stream of a, in the ambient transaction if
// the store has one, publishes it, and clears it. If another has appended
// since a was loaded it is an error wrapping [eventstore.ErrConflict], and a is
// as it was. When a transaction around Save is rolled back, what was saved is pending again.
func (r *Repository[A]) Save(ctx context.Context, a A) error {
	root := a.root()
	if root.stream != r.opts.Prefix+root.id || root.stream == "" {
		return eventstore.ErrInvalid.Wrap(nil, "sourcing: save %T: this repository has not made it: use Make, Load or Update", a)
	}
	if len(root.pending) == 0 {
		return nil
	}
	evs, err := r.encode(ctx, root)
	if err != nil {
		return err
	}
	done, err := r.append(ctx, root, evs)
	if err != nil {
		return err
	}
	before := *root
	sqldb.OnRollback(ctx, func(context.Context) {
		pending := slices.Concat(before.pending, root.pending) // what was raised since, too
		*root = before
		root.pending = pending
	})
	root.version, root.position, root.pending = done.Version, done.Position, nil
	if every := eventstore.Version(r.opts.SnapshotEvery); r.opts.Snapshots != nil && before.version/every < done.Version/every {
		r.keep(ctx, a)
	}
	return nil
}

// append appends and publishes, or does neither.
func (r *Repository[A]) append(ctx context.Context, root *Root, evs []events.Event) (done eventstore.Appended, err error) {
	if r.opts.Publisher == nil {
		return r.store.Append(ctx, root.stream, root.version, evs...)
	}
	err = r.opts.Tx.InTx(ctx, func(ctx context.Context) error {
		if done, err = r.store.Append(ctx, root.stream, root.version, evs...); err != nil {
			return err
		}
		return r.opts.Publisher.Publish(ctx, evs...)
	})
	return done, err
}

// encode makes events of what is pending.
func (r *Repository[A]) encode(ctx context.Context, root *Root) ([]events.Event, error) {
	evs := make([]events.Event, len(root.pending))
	for i, p := range root.pending {
		f := r.facts[p.Type]
		if f == nil {
			return nil, ErrFact.Wrap(nil, "sourcing: save %q: a fact of type %q was raised, which is none of Options.Facts", root.stream, p.Type)
		}
		data, err := r.opts.Codec.Marshal(p.Value)
		if err != nil {
			return nil, eventstore.Err.Wrap(err, "sourcing: save %q: fact of type %q", root.stream, p.Type)
		}
		ev := events.New(r.opts.Source, p.Type, data)
		ev.Key, ev.Schema, ev.Format = root.stream, p.Schema, r.opts.Format
		if cause, ok := router.Cause(ctx); ok {
			ev.Headers = causation.Headers(cause)
		}
		if r.opts.Edit != nil {
			r.opts.Edit(ctx, &ev)
		}
		evs[i] = ev
	}
	return evs, nil
}

// Update loads an aggregate, or makes it if it has no events, calls change with
// it, and saves it. If another appends at the same time it does all of that
// again: change has no other effect than on its argument. An error of change is
// returned as it is, and nothing is saved. After Options.Attempts it is that of
// Save, wrapping [eventstore.ErrConflict].
func (r *Repository[A]) Update(ctx context.Context, id string, change func(ctx context.Context, a A) error) (A, error) {
	var none A
	for attempt := 1; ; attempt++ {
		// A snapshot that is ahead of its stream, which was restored, is one more conflict.
		a, err := r.load(ctx, id, r.opts.Snapshots != nil && attempt == 1)
		if errors.Is(err, eventstore.ErrNoStream) {
			a, err = r.Make(id), nil
		}
		if err == nil {
			err = change(ctx, a)
		}
		if err != nil {
			return none, err
		}
		if err = r.Save(ctx, a); err == nil {
			return a, nil
		}
		if !errors.Is(err, eventstore.ErrConflict) || attempt == r.opts.Attempts {
			return none, err
		}
		t := time.NewTimer(rand.N(min(time.Millisecond<<min(attempt, 10), 100*time.Millisecond)))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return none, eventstore.ErrConflict.Wrap(context.Cause(ctx), "sourcing: update %q", r.opts.Prefix+id)
		}
	}
}
