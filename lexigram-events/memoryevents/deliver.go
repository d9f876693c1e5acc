package memoryevents

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A ticket is a call of Deliver that waits for its items. The bus's mutex
// guards it.
type ticket struct {
	left      int // items without an answer
	waiting   bool
	cancelled bool // its ctx ended
	done      chan struct{}
	failed    map[place]struct{} // keys whose later events are held back
	poison    bool               // some error is
	sound     bool               // some error is not poison
	errs      []error
}

type place struct {
	group *group
	key   string
}

var errHeldBack = events.Err.Sub("LEX_ERR_EVT_037", events.ErrClosed.Kind(), "events: held back behind an event of its key that failed")

// Deliver implements [events.Deliverer]. A Group that has no consumer at the
// moment, or whose last one stops before a handler has the event, fails too:
// its place outlives its consumers, and the event would be lost to it.
func (b *Bus) Deliver(ctx context.Context, evs ...events.Event) error {
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	t := &ticket{done: make(chan struct{})}
	for i := range evs {
		if err := b.deliver(ctx, t, &evs[i]); err != nil {
			return err
		}
	}
	b.mu.Lock()
	t.waiting = t.left > 0
	b.mu.Unlock()
	if t.waiting {
		select {
		case <-t.done:
		case <-ctx.Done():
			b.mu.Lock()
			t.cancelled = true
			b.mu.Unlock()
			return events.Err.Wrap(context.Cause(ctx), "memoryevents: deliver")
		}
	}
	return t.err()
}

// deliver hands ev to its groups.
func (b *Bus) deliver(ctx context.Context, t *ticket, ev *events.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() != nil {
		t.cancelled = true
		return events.Err.Wrap(context.Cause(ctx), "memoryevents: deliver %q", ev.ID)
	}
	gs, err := b.room(ctx, "deliver", ev)
	if err != nil {
		t.cancelled = true
		return err
	}
	b.keep(ev)
	for _, g := range gs {
		switch _, held := t.failed[place{g, ev.Key}]; {
		case held:
			t.fail(g, ev, errHeldBack)
		case len(g.consumers) == 0:
			t.fail(g, ev, errStopped)
			t.hold(g, ev)
		default:
			it := b.newItem(ev)
			it.ticket = t
			t.left++
			g.push(it)
		}
	}
	return nil
}

// resolve takes the answer of one item.
func (t *ticket) resolve(g *group, it *item, err error) {
	if err != nil {
		t.fail(g, &it.ev, err)
		t.hold(g, &it.ev)
	}
	if t.left--; t.left == 0 && t.waiting {
		close(t.done)
	}
}

func (t *ticket) hold(g *group, ev *events.Event) {
	if ev.Key == "" {
		return
	}
	if t.failed == nil {
		t.failed = map[place]struct{}{}
	}
	t.failed[place{g, ev.Key}] = struct{}{}
}

func (t *ticket) fail(g *group, ev *events.Event, err error) {
	if errors.Is(err, events.ErrPoison) {
		t.poison = true
	} else {
		t.sound = true
	}
	t.errs = append(t.errs, events.Err.Wrap(err, "memoryevents: deliver %q to group %q", ev.ID, g.sub.Group))
}

// err joins the errors. If not all are poison, it hides that some are: the
// caller would give up what another attempt can mend.
func (t *ticket) err() error {
	if t.poison && t.sound {
		for i, err := range t.errs {
			if errors.Is(err, events.ErrPoison) {
				t.errs[i] = events.Err.Wrap(errors.New(err.Error()), "memoryevents")
			}
		}
	}
	return errors.Join(t.errs...)
}

// giveBack answers those who deliver to g, which has no consumer now: they
// would wait for one that may never come.
func (g *group) giveBack() {
	for _, l := range g.lanes {
		behind := l.pending
		l.pending = queue{}
		for it := behind.pop(); it != nil; it = behind.pop() {
			if it.ticket == nil {
				l.pending.push(it)
				continue
			}
			g.size--
			it.ticket.resolve(g, it, errStopped)
			g.bus.freeItem(it)
			g.invite()
		}
	}
	ready := g.ready
	g.ready = queue{}
	for it := ready.pop(); it != nil; it = ready.pop() {
		if it.ticket == nil {
			g.ready.push(it)
			continue
		}
		it.ticket.resolve(g, it, errStopped)
		g.remove(it)
	}
}

// holdBack takes the events that it.ticket delivers behind it out of its lane.
func (g *group) holdBack(it *item) {
	if it.lane == nil || g.gone {
		return
	}
	behind := it.lane.pending
	it.lane.pending = queue{}
	for x := behind.pop(); x != nil; x = behind.pop() {
		if x.ticket != it.ticket {
			it.lane.pending.push(x)
			continue
		}
		g.size--
		x.ticket.resolve(g, x, errHeldBack)
		g.bus.freeItem(x)
		g.invite()
	}
}
