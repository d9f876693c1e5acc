package eventstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var orderRules = []rule{
	{
		name:  "order of a key",
		says:  "Events of one key reach the handlers of one group in the order they were published",
		check: keyOrder,
	},
	{
		name:  "order within a call",
		says:  "Events of one key reach the handlers of one group in the order they were published, those of one call of Publish too",
		check: callOrder,
	},
	{
		name:  "one of a key at a time",
		says:  "Events of one key reach the handlers of one group one at a time",
		check: oneAtATime,
	},
	{
		name:  "a failure holds back its key",
		says:  "An event that fails holds back the later events of its key until it is handled or dead",
		check: holdsBack,
	},
	{
		name:  "a failure holds back no other key",
		says:  "An event that fails holds back the later events of its key, and of no other key",
		check: othersGoOn,
	},
}

var errNotNow = errors.New("not now")

// ofKey returns the names that begin with key, in order.
func ofKey(names []string, key string) (some []string) {
	for _, n := range names {
		if strings.HasPrefix(n, key) {
			some = append(some, n)
		}
	}
	return some
}

func callOrder(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	var evs []events.Event
	var want []string
	for i := range 12 {
		want = append(want, fmt.Sprintf("a%02d", i))
		evs = append(evs, p.event("a", "a", want[i]))
	}
	if err := p.Publish(p.ctx, evs...); err != nil {
		return fmt.Errorf("Publish(%d events): %w", len(evs), err)
	}
	if err := p.wants(l, want...); err != nil {
		return err
	}
	if got := l.all(); !slices.Equal(got, want) {
		return fmt.Errorf("events of one key, published in one call, arrived as %q", got)
	}
	return nil
}

func keyOrder(p *probe) error {
	l := newLog()
	s := p.subscription("g", "a")
	s.Lanes = 4
	for range 2 {
		c, err := p.subscribe(s, func(ctx context.Context, ev events.Event) error {
			if len(ev.Data)%2 == 0 {
				time.Sleep(p.tick / 20)
			}
			return l.handle(ctx, ev)
		})
		if err != nil {
			return err
		}
		defer c.end()
	}
	var names []string
	for i := range 12 {
		for _, k := range []string{"a", "bb", "ccc"} {
			name := fmt.Sprintf("%s%02d", k, i)
			names = append(names, name)
			if err := p.publish(k, name); err != nil {
				return err
			}
		}
	}
	if err := p.wants(l, names...); err != nil {
		return err
	}
	for _, k := range []string{"a", "bb", "ccc"} {
		if got := ofKey(l.all(), k); !slices.IsSorted(got) {
			return fmt.Errorf("got %q of one key", got)
		}
	}
	return nil
}

func oneAtATime(p *probe) error {
	l := newLog()
	var mu sync.Mutex
	busy := map[string]int{}
	enter := func(key string, n int) int {
		mu.Lock()
		defer mu.Unlock()
		busy[key] += n
		return busy[key]
	}
	s := p.subscription("g", "a")
	s.Lanes = 4
	for range 2 {
		c, err := p.subscribe(s, func(ctx context.Context, ev events.Event) error {
			n := enter(ev.Key, 1)
			time.Sleep(p.tick / 20)
			enter(ev.Key, -1)
			if n > 1 {
				l.add("two at a time of " + ev.Key)
			}
			return l.handle(ctx, ev)
		})
		if err != nil {
			return err
		}
		defer c.end()
	}
	var names []string
	for i := range 10 {
		for _, k := range []string{"a", "b"} {
			name := fmt.Sprint(k, i)
			names = append(names, name)
			if err := p.publish(k, name); err != nil {
				return err
			}
		}
	}
	return p.only(l, names...)
}

func holdsBack(p *probe) error {
	l := newLog()
	attempts := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), func(ctx context.Context, ev events.Event) error {
		attempts.add(string(ev.Data))
		if string(ev.Data) == "1" && attempts.count("1") < 3 {
			return errNotNow
		}
		return l.handle(ctx, ev)
	})
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "1", "2", "3"); err != nil {
		return err
	}
	if err := p.only(l, "1", "2", "3"); err != nil {
		return err
	}
	if got := l.all(); !slices.IsSorted(got) {
		return fmt.Errorf("handled in the order %q", got)
	}
	return nil
}

func othersGoOn(p *probe) error {
	l := newLog()
	s := p.subscription("g", "a")
	s.Lanes = 1
	s.Retry = events.Retry{Attempts: 1000, Base: 1000 * p.tick, Cap: 1000 * p.tick}
	var names []string
	c, err := p.subscribe(s, func(ctx context.Context, ev events.Event) error {
		if ev.Key == "failing" {
			return errNotNow
		}
		return l.handle(ctx, ev)
	})
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("failing", "f1", "f2"); err != nil {
		return err
	}
	if err := p.publish("", "none"); err != nil {
		return err
	}
	for i := range 16 {
		names = append(names, fmt.Sprint(i))
		if err := p.publish(fmt.Sprint("k", i), names[i]); err != nil {
			return err
		}
	}
	return p.wants(l, append(names, "none")...)
}
