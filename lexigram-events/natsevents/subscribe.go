package natsevents

import (
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// Subscribe implements [events.Subscriber]. The consumers of a named group
// stay on the server, with its place, until [Bus.Forget] ends it. It returns
// errors wrapping [events.ErrInvalid], [events.ErrGroup], [events.ErrClosed],
// [ErrUnavailable] or the cause of ctx. A group that nobody works for at the
// moment and that was subscribed otherwise is an error wrapping
// [events.ErrGroup] and [ErrDrift], or changed, if Options.Update says so.
func (b *Bus) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	lanes, err := normalize(&s, h)
	if err != nil {
		return nil, err
	}
	if err := b.refuses(ctx, "subscribe group", s.Group); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, events.Err.Wrap(context.Cause(ctx), "natsevents: subscribe group %q", s.Group)
	}
	if c, err := b.join(ctx, s, h, lanes); c != nil || err != nil {
		return c, err
	}
	g, err := newGroup(ctx, b, s)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		g.forsake(ctx)
		return nil, events.ErrClosed.Wrap(nil, "natsevents: subscribe group %q", s.Group)
	}
	if other := b.groups[s.Group]; other != nil && s.Group != "" && other.takes() { // somebody was faster
		b.mu.Unlock()
		g.forsake(ctx)
		s.Lanes = lanes
		return b.Subscribe(ctx, s, h)
	}
	if s.Group != "" {
		b.groups[s.Group] = g
	}
	b.live[g] = struct{}{}
	b.mu.Unlock()
	c := g.add(ctx, h, lanes)
	g.start()
	return c, nil
}

// join adds a consumer to a group that this process has.
func (b *Bus) join(ctx context.Context, s events.Subscription, h events.Handler, lanes int) (events.Consumer, error) {
	if s.Group == "" {
		return nil, nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.groups[s.Group]
	if g == nil {
		return nil, nil
	}
	if !same(g.sub, s) {
		return nil, events.ErrGroup.Wrap(nil, "natsevents: subscribe group %q: its types, begin, timeout and retry must be those of its first consumer: group subscribed otherwise", s.Group)
	}
	if c := g.add(ctx, h, lanes); c != nil {
		return c, nil
	}
	return nil, nil
}

// normalize puts the defaults into s and takes the lanes out of it, which are
// each consumer's own.
func normalize(s *events.Subscription, h events.Handler) (lanes int, err error) {
	if h == nil {
		return 0, events.ErrInvalid.Wrap(nil, "natsevents: subscribe group %q: the handler is nil", s.Group)
	}
	if len(s.Types) == 0 {
		return 0, events.ErrInvalid.Wrap(nil, "natsevents: subscribe group %q: Types is empty; \">\" is all", s.Group)
	}
	for _, p := range s.Types {
		if err := events.CheckPattern(p); err != nil {
			return 0, err
		}
	}
	s.Types = slices.Compact(slices.Sorted(slices.Values(s.Types)))
	if lanes = s.Lanes; lanes <= 0 {
		lanes = runtime.GOMAXPROCS(0)
	}
	s.Lanes = 0
	def := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	def(&s.Timeout, 30*time.Second)
	def(&s.Retry.Base, time.Second)
	def(&s.Retry.Cap, 10*time.Minute)
	if s.Retry.Attempts <= 0 {
		s.Retry.Attempts = 10
	}
	if s.Group == "" {
		s.Begin = events.Latest // not used
	}
	return lanes, nil
}

// same compares normalized subscriptions.
func same(a, b events.Subscription) bool {
	return slices.Equal(a.Types, b.Types) && a.Begin == b.Begin && a.Timeout == b.Timeout && a.Retry == b.Retry
}
