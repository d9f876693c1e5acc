package memoryevents

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// A DeadLetter is an event that a group gave up.
type DeadLetter struct {
	ID       uint64 // from 1, in the order of death, unique for the bus
	Event    events.Event
	Group    string
	Reason   error // of the last attempt
	Attempts int
	Time     time.Time

	group *group
}

// DeadLetters returns the dead letters that are kept, oldest first.
func (b *Bus) DeadLetters() []DeadLetter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.dead)
}

// Replay gives the dead letters with the IDs back to their groups, with all
// attempts, behind what waits there. It blocks while a group is full, until
// ctx ends. An ID that is not kept is an error of kind NotFound; a letter of a
// group that has ended, one wrapping [events.ErrClosed]. The others are
// replayed all the same; those that were not stay dead.
func (b *Bus) Replay(ctx context.Context, ids ...uint64) error {
	var problems []error
	for _, id := range ids {
		if err := b.replay(ctx, id); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (b *Bus) replay(ctx context.Context, id uint64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var w *waiter
	for {
		i := slices.IndexFunc(b.dead, func(d DeadLetter) bool { return d.ID == id })
		if i < 0 {
			return errNoLetter.Wrap(nil, "memoryevents: replay %d", id)
		}
		ev, g := b.dead[i].Event, b.dead[i].group
		if b.closed || g.gone {
			return closedErr("replay", &ev)
		}
		if g.size < b.opts.Buffer {
			b.dead = slices.Delete(b.dead, i, i+1)
			g.push(b.newItem(&ev))
			return nil
		}
		w = g.enlist(w)
		b.mu.Unlock()
		err := w.wait(ctx, b.closing)
		b.mu.Lock()
		g.dismiss(w)
		if err != nil {
			g.invite()
			return events.Err.Wrap(err, "memoryevents: replay %q: group %q is full", ev.ID, g.sub.Group)
		}
	}
}

var errNoLetter = events.Err.Sub("LEX_ERR_EVT_038", errs.NotFound, "events: no such dead letter")

// bury keeps it among the dead letters. It gives up the mutex for OnDead.
func (b *Bus) bury(g *group, it *item, reason error) {
	b.deadID++
	d := DeadLetter{ID: b.deadID, Event: it.ev, Group: g.sub.Group, Reason: reason, Attempts: it.attempts, Time: time.Now(), group: g}
	forgotten := len(b.dead) >= b.opts.DeadLetters
	if forgotten {
		b.dead = slices.Delete(b.dead, 0, 1)
	}
	b.dead = append(b.dead, d)
	b.mu.Unlock()
	defer b.mu.Lock()
	ctx := context.Background()
	b.opts.Observer.Count(ctx, "events.dead", 1, slog.String("group", d.Group))
	if forgotten {
		b.opts.Logger.Error("memoryevents: too many dead letters, the oldest is dropped", "limit", b.opts.DeadLetters)
	}
	if b.opts.OnDead == nil {
		return
	}
	err := errs.Catch(func() error { b.opts.OnDead(d); return nil })
	if err != nil {
		b.opts.Logger.Error("memoryevents: OnDead panicked", "id", d.Event.ID, "error", err)
	}
}
