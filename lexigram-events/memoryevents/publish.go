package memoryevents

import (
	"context"
	"maps"
	"runtime"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Publish implements [events.Publisher]. The events live in this process only.
// Each is taken by every group that wants it or by none, in the order of evs.
// It returns errors wrapping [events.ErrInvalid], before any was taken,
// [events.ErrClosed], or the cause of ctx.
func (b *Bus) Publish(ctx context.Context, evs ...events.Event) error {
	for i := range evs {
		if err := events.Check(evs[i]); err != nil {
			return err
		}
	}
	if len(evs) == 0 {
		return nil
	}
	if ctx.Err() != nil {
		return events.Err.Wrap(context.Cause(ctx), "memoryevents: publish %q", evs[0].ID)
	}
	propagator, _ := b.opts.Observer.Sink.(observe.Propagator)
	for i := range evs {
		ev := &evs[i]
		if propagator != nil {
			ev = traced(ctx, propagator, ev)
		}
		if err := b.publish(ctx, ev); err != nil {
			return err
		}
	}
	b.opts.Observer.Count(ctx, "events.published", int64(len(evs)))
	return nil
}

// traced returns a copy of ev that carries the trace of ctx, unless it has one.
func traced(ctx context.Context, p observe.Propagator, ev *events.Event) *events.Event {
	if ev.Headers[events.HeaderTrace] != "" {
		return ev
	}
	c := *ev
	if c.Headers = maps.Clone(ev.Headers); c.Headers == nil {
		c.Headers = map[string]string{}
	}
	p.Inject(ctx, c.Headers)
	return &c
}

func (b *Bus) publish(ctx context.Context, ev *events.Event) error {
	id, now := b.seen.of(ev), b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.seen.has(id, now) {
		return nil
	}
	gs, err := b.room(ctx, "publish", ev)
	if err != nil {
		return err
	}
	if b.seen.has(id, now) { // somebody else published it while this call waited
		b.pass(gs)
		return nil
	}
	if b.seen.add(id, now) {
		b.forgot(ctx)
	}
	b.keep(ev)
	for _, g := range gs {
		g.push(b.newItem(ev))
	}
	return nil
}

// forgot tells of a window that was too full.
func (b *Bus) forgot(ctx context.Context) {
	b.opts.Logger.WarnContext(ctx, "memoryevents: more events than DedupLimit within DedupWindow: repetitions of the oldest are delivered anew",
		"limit", b.opts.DedupLimit, "window", b.opts.DedupWindow)
	b.opts.Observer.Count(ctx, "events.dedup.forgotten", int64(b.opts.DedupLimit))
}

// room returns the groups that want ev, once none of them is full. It is
// called with the mutex held, and gives it up while it waits.
func (b *Bus) room(ctx context.Context, op string, ev *events.Event) ([]*group, error) {
	var w *waiter
	closing := b.closing
	for spins := 0; ; {
		if b.closed && !b.isWithin(ctx) {
			return nil, closedErr(op, ev)
		} else if b.closed {
			closing = nil
		}
		gs := b.route(ev.Type)
		full := firstFull(gs)
		if full == nil {
			return gs, nil
		}
		if spins < maxSpins && len(full.waiters) == 0 {
			spins++
			b.mu.Unlock()
			runtime.Gosched()
			b.mu.Lock()
			continue
		}
		b.pass(gs) // of an invitation to another of them there is no use yet
		w = full.enlist(w)
		b.mu.Unlock()
		err := w.wait(ctx, closing)
		b.mu.Lock()
		full.dismiss(w)
		if err != nil && ctx.Err() != nil {
			full.invite()
			return nil, events.Err.Wrap(err, "memoryevents: %s %q: group %q is full", op, ev.ID, full.sub.Group)
		}
	}
}

func firstFull(gs []*group) *group {
	for _, g := range gs {
		if g.size >= g.bus.opts.Buffer {
			return g
		}
	}
	return nil
}

// pass gives the room that the caller does not need to the next who waits.
func (b *Bus) pass(gs []*group) {
	for _, g := range gs {
		g.invite()
	}
}
