package sqlevents

import (
	"context"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
)

// ErrNoLetter reports a dead letter that does not exist.
var ErrNoLetter = events.Err.Sub("LEX_ERR_EVT_041", errs.NotFound, "events: no such dead letter")

// A DeadLetter is an event that a group gave up.
type DeadLetter struct {
	ID       int64 // for [Bus.Replay]
	Event    events.Event
	Group    string
	Reason   string // of the last attempt
	Attempts int
	Time     time.Time // of death
}

// Dead yields the dead letters, group by group and oldest event first; an error
// comes once, last. No rows stay open while the loop's body runs.
func (b *Bus) Dead(ctx context.Context) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		set, err := b.load(ctx)
		if err != nil {
			yield(DeadLetter{}, err)
			return
		}
		for _, g := range set.groups {
			for l, err := range b.queue(g.id).Dead(ctx) {
				if err != nil {
					yield(DeadLetter{}, events.Err.Wrap(err, "sqlevents: dead letters of group %q", g.name))
					return
				}
				if !yield(DeadLetter{ID: l.ID, Event: l.Event, Group: g.name, Reason: l.Reason, Attempts: l.Attempts, Time: l.Time}, nil) {
					return
				}
			}
		}
	}
}

// Replay gives the dead letter with the ID back to its group, with all
// attempts, before what waits of its key. It joins the ambient transaction. An ID
// that is not that of a dead letter is an error wrapping [ErrNoLetter].
func (b *Bus) Replay(ctx context.Context, id int64) error {
	found, err := sqlqueue.Whole(b.db, table).Replay(ctx, id, b.opts.Clock.Now())
	switch {
	case err != nil:
		return events.Err.Wrap(err, "sqlevents: replay %d", id)
	case !found:
		return ErrNoLetter.Wrap(nil, "sqlevents: replay %d", id)
	}
	return b.notify(ctx)
}

// Discard deletes the dead letter with the ID. It joins the ambient transaction.
// An ID that is not that of a dead letter is an error wrapping [ErrNoLetter].
func (b *Bus) Discard(ctx context.Context, id int64) error {
	found, err := sqlqueue.Whole(b.db, table).Discard(ctx, id)
	switch {
	case err != nil:
		return events.Err.Wrap(err, "sqlevents: discard %d", id)
	case !found:
		return ErrNoLetter.Wrap(nil, "sqlevents: discard %d", id)
	}
	return nil
}
