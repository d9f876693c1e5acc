package eventstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var subscriberRules = []rule{
	{
		name:  "patterns",
		says:  `Types are exact, or with "*" for one token and ">" for the rest; ">" for all`,
		check: patterns,
	},
	{
		name:  "a subscription is checked",
		says:  "ErrInvalid reports a pattern that CheckPattern refuses; Types holds at least one",
		check: badPatterns,
	},
	{
		name:  "an ended ctx",
		says:  "ctx bounds this call only",
		check: endedSubscribe,
	},
	{
		name:  "values of ctx",
		says:  "ctx lends its values, not its end, to the context of handlers",
		check: lent,
	},
	{
		name:  "a group shares",
		says:  "consumers of one group share the events",
		check: shares,
	},
	{
		name:  "no group",
		says:  `"" is a group of its own that ends with the consumer`,
		check: ownGroup,
	},
	{
		name:  "a group is one subscription",
		says:  "A Subscription that differs from the one its Group has elsewhere is an error wrapping ErrGroup",
		check: differs,
	},
	{
		name:  "a group keeps its place",
		says:  "its place outlives them",
		check: outlives,
	},
	{
		name:  "latest",
		says:  "Latest begins with what is published after Subscribe returned",
		check: latest,
	},
	{
		name:  "earliest",
		says:  "Earliest begins with the oldest event that the bus has kept",
		check: earliest,
	},
	{
		name:  "lanes",
		says:  "Lanes is how many events are handled at the same time in this process",
		check: lanes,
	},
}

func patterns(p *probe) error {
	types := []string{"a", "a.b", "a.b.c", "b.b", "ab"}
	for _, c := range []struct {
		patterns []string
		want     []string
	}{
		{[]string{"a"}, []string{"a"}},
		{[]string{"a.*"}, []string{"a.b"}},
		{[]string{"a.>"}, []string{"a.b", "a.b.c"}},
		{[]string{"*.b"}, []string{"a.b", "b.b"}},
		{[]string{">"}, types},
		{[]string{"a", "a.*", "*"}, []string{"a", "a.b", "ab"}},
	} {
		if err := p.pattern(types, c.patterns, c.want); err != nil {
			return err
		}
	}
	return nil
}

func (p *probe) pattern(types, patterns, want []string) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", patterns...), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	for _, typ := range types {
		if err := p.Publish(p.ctx, p.event(typ, "", typ)); err != nil {
			return err
		}
	}
	if err := p.only(l, want...); err != nil {
		return fmt.Errorf("patterns %q: %w", patterns, err)
	}
	return nil
}

func badPatterns(p *probe) error {
	for _, types := range [][]string{nil, {""}, {"a..b"}, {">.a"}, {"a", "a*"}} {
		c, err := p.Subscribe(p.ctx, events.Subscription{Types: types}, newLog().handle)
		if err == nil {
			c.Stop()
		}
		if err := is(err, events.ErrInvalid, fmt.Sprintf("Subscribe(%q)", types)); err != nil {
			return err
		}
	}
	return nil
}

func endedSubscribe(p *probe) error {
	cause := errors.New("cause of the check")
	ctx, cancel := context.WithCancelCause(p.ctx)
	cancel(cause)
	c, err := p.Subscribe(ctx, p.subscription("", "a"), newLog().handle)
	if err == nil {
		c.Stop()
	}
	return is(err, cause, "Subscribe with an ended ctx")
}

type ctxKey struct{}

func lent(p *probe) error {
	ctx, cancel := context.WithCancel(context.WithValue(p.ctx, ctxKey{}, "lent"))
	defer cancel()
	l := newLog()
	c, err := p.Subscribe(ctx, p.subscription("", "a"), func(ctx context.Context, _ events.Event) error {
		l.add(fmt.Sprint(ctx.Value(ctxKey{}), " ", ctx.Err()))
		return nil
	})
	if err != nil {
		return err
	}
	defer (&consumer{c, p}).end()
	cancel()
	if err := p.publish("", "1"); err != nil {
		return err
	}
	return p.wants(l, "lent <nil>")
}

func shares(p *probe) error {
	l := newLog()
	for range 2 {
		c, err := p.subscribe(p.subscription("g", "a"), l.handle)
		if err != nil {
			return err
		}
		defer c.end()
	}
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("%02d", i))
		if err := p.publish(fmt.Sprint("k", i%7), names[i]); err != nil {
			return err
		}
	}
	return p.only(l, names...)
}

func ownGroup(p *probe) error {
	logs := []*log{newLog(), newLog()}
	for _, l := range logs {
		c, err := p.subscribe(p.subscription("", "a"), l.handle)
		if err != nil {
			return err
		}
		defer c.end()
	}
	other := newLog()
	c, err := p.subscribe(p.subscription("other", "a"), other.handle)
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("", "1", "2"); err != nil {
		return err
	}
	for _, l := range append(logs, other) {
		if err := p.only(l, "1", "2"); err != nil {
			return err
		}
	}
	return nil
}

func differs(p *probe) error {
	c, err := p.subscribe(p.subscription("g", "a"), newLog().handle)
	if err != nil {
		return err
	}
	defer c.end()
	for name, change := range map[string]func(*events.Subscription){
		"types":    func(s *events.Subscription) { s.Types = append(s.Types, p.typ("b")) },
		"attempts": func(s *events.Subscription) { s.Retry.Attempts = 3 },
		"timeout":  func(s *events.Subscription) { s.Timeout *= 2 },
	} {
		s := p.subscription("g", "a")
		change(&s)
		other, err := p.Subscribe(p.ctx, s, newLog().handle)
		if err == nil {
			other.Stop()
		}
		if err := is(err, events.ErrGroup, "Subscribe with other "+name); err != nil {
			return err
		}
	}
	same, err := p.subscribe(p.subscription("g", "a"), newLog().handle)
	if err != nil {
		return err
	}
	same.end()
	return nil
}

func outlives(p *probe) error {
	l := newLog()
	if err := p.behind(l); err != nil {
		return err
	}
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	return p.only(l, "1", "2", "3")
}

// behind leaves a group that has handled "1" and has no consumer for "2" and "3".
func (p *probe) behind(l *log) error {
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	if err := p.publish("k", "1"); err != nil {
		return err
	}
	if err := p.wants(l, "1"); err != nil {
		return err
	}
	p.quiet() // the acknowledgement may need time
	c.end()
	return p.publish("k", "2", "3")
}

func latest(p *probe) error {
	if err := p.publish("", "before"); err != nil {
		return err
	}
	l := newLog()
	for _, group := range []string{"", "g"} {
		c, err := p.subscribe(p.subscription(group, "a"), l.handle)
		if err != nil {
			return err
		}
		defer c.end()
	}
	if err := p.publish("", "after"); err != nil {
		return err
	}
	return p.only(l, "after", "after")
}

func earliest(p *probe) error {
	if !p.keeps {
		return skip("the bus was not said to keep events")
	}
	if err := p.publish("k", "1", "2"); err != nil {
		return err
	}
	l := newLog()
	s := p.subscription("g", "a")
	s.Begin = events.Earliest
	c, err := p.subscribe(s, l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "3"); err != nil {
		return err
	}
	if err := p.only(l, "1", "2", "3"); err != nil {
		return err
	}
	if got := l.all(); !slices.IsSorted(got) {
		return fmt.Errorf("got %q of one key", got)
	}
	return nil
}

func lanes(p *probe) error {
	l := newLog()
	var mu sync.Mutex
	running, peak := 0, 0
	enter := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		running += n
		peak = max(peak, running)
	}
	s := p.subscription("", "a")
	s.Lanes = 3
	c, err := p.subscribe(s, func(ctx context.Context, ev events.Event) error {
		enter(1)
		time.Sleep(p.tick / 4)
		enter(-1)
		return l.handle(ctx, ev)
	})
	if err != nil {
		return err
	}
	defer c.end()
	var names []string
	for i := range 30 { // enough keys to have some in every lane
		names = append(names, fmt.Sprint(i))
		if err := p.publish(fmt.Sprint("k", i), names[i]); err != nil {
			return err
		}
	}
	if err := p.wants(l, names...); err != nil {
		return err
	}
	mu.Lock()
	defer mu.Unlock()
	if peak < 2 || peak > 3 {
		return fmt.Errorf("%d events were handled at the same time, want 2 or 3", peak)
	}
	return nil
}
