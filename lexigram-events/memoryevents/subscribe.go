package memoryevents

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/subscription"
)

// Subscribe implements [events.Subscriber]. A named group keeps its place, its
// subscription and up to Buffer events for its next consumer until the bus
// closes or [Bus.Forget] ends it. It returns errors wrapping
// [events.ErrInvalid], [events.ErrGroup], [events.ErrClosed] or the cause of ctx.
func (b *Bus) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	lanes, err := subscription.Normalize("memoryevents", &s, h)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, events.Err.Wrap(context.Cause(ctx), "memoryevents: subscribe group %q", s.Group)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, events.ErrClosed.Wrap(nil, "memoryevents: subscribe group %q", s.Group)
	}
	g := b.group(s.Group)
	switch {
	case g == nil:
		g = newGroup(b, s)
		b.groups = append(b.groups, g)
		clear(b.routes)
		if s.Begin == events.Earliest && s.Group != "" {
			g.replay()
		}
	case !subscription.Same(g.sub, s):
		return nil, events.ErrGroup.Wrap(nil, "memoryevents: subscribe group %q: its types, begin, timeout and retry must be those of its first consumer: group subscribed otherwise", s.Group)
	}
	c := &consumer{bus: b, group: g, handler: h, lanes: lanes, values: context.WithoutCancel(ctx), closed: make(chan struct{})}
	g.consumers = append(g.consumers, c)
	b.live[c] = struct{}{}
	for it, n := g.ready.head, 0; it != nil && n < lanes; it, n = it.next, n+1 {
		g.wake()
	}
	return c, nil
}

// group returns the group of that name, nil if there is none. "" names none.
func (b *Bus) group(name string) *group {
	if name == "" {
		return nil
	}
	for _, g := range b.groups {
		if g.sub.Group == name {
			return g
		}
	}
	return nil
}

// replay gives a new group the events that the bus has kept.
func (g *group) replay() {
	kept := g.bus.kept
	for i := range kept {
		if ev := &kept[(g.bus.oldest+i)%len(kept)]; subscription.Wants(&g.sub, ev.Type) {
			g.push(g.bus.newItem(ev))
		}
	}
}

// Forget ends a named group that has no consumer, with the events that wait
// for one, and returns how many those were. A group that has one is an error
// wrapping [events.ErrGroup]; one that does not exist is no error.
func (b *Bus) Forget(name string) (dropped int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.group(name)
	if g == nil {
		return 0, nil
	}
	if len(g.consumers) > 0 {
		return 0, events.ErrGroup.Wrap(nil, "memoryevents: forget group %q: stop its %d consumers first: group subscribed", name, len(g.consumers))
	}
	dropped = g.size
	g.drop()
	return dropped, nil
}
