package outbox

import (
	"context"
	"iter"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A DeadLetter is an event that a relay gave up.
type DeadLetter struct {
	ID       int64 // for [Outbox.Replay]
	Event    events.Event
	Reason   string // of the last attempt
	Attempts int
	Time     time.Time // of death
}

// Dead yields the dead letters, oldest event first; an error comes once, last.
// It reads page by page: no rows stay open while the loop's body runs, so it
// may call Replay, in the same transaction too.
func (o *Outbox) Dead(ctx context.Context) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		for l, err := range o.queue.Dead(ctx) {
			if err != nil {
				err = events.Err.Wrap(err, "outbox: dead letters")
			}
			if !yield(DeadLetter(l), err) {
				return
			}
		}
	}
}

// Replay has the dead letter with the ID sent again, with all attempts, before
// what is unsent of its key. It joins the ambient transaction. An ID that is
// not that of a dead letter is an error wrapping [ErrNoLetter].
func (o *Outbox) Replay(ctx context.Context, id int64) error {
	found, err := o.queue.Replay(ctx, id, o.opts.Clock.Now())
	switch {
	case err != nil:
		return events.Err.Wrap(err, "outbox: replay %d", id)
	case !found:
		return ErrNoLetter.Wrap(nil, "outbox: replay %d", id)
	}
	return o.notify(ctx)
}

// Discard deletes the dead letter with the ID, as if its event had never been
// published. It joins the ambient transaction. An ID that is not that of a dead
// letter is an error wrapping [ErrNoLetter].
func (o *Outbox) Discard(ctx context.Context, id int64) error {
	found, err := o.queue.Discard(ctx, id)
	switch {
	case err != nil:
		return events.Err.Wrap(err, "outbox: discard %d", id)
	case !found:
		return ErrNoLetter.Wrap(nil, "outbox: discard %d", id)
	}
	return nil
}
