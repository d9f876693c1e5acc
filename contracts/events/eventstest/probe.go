package eventstest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A probe is what a check works with.
type probe struct {
	Bus
	options
	ctx   context.Context
	again func(Bus) Bus // nil if the bus does not restart
	salt  string        // keeps the names of one check apart from those of others on one server
}

func newProbe(ctx context.Context, b Bus, o options) *probe {
	return &probe{Bus: b, options: o, ctx: ctx, salt: rand.Text()[:8]}
}

// typ returns a type of this check.
func (p *probe) typ(name string) string { return p.salt + "." + name }

// group returns a group of this check.
func (p *probe) group(name string) string { return p.salt + "-" + name }

// event returns an event of the type, with an ID of its own and data that names it.
func (p *probe) event(typ, key, name string) events.Event {
	ev := events.New("/eventstest/"+p.salt, p.typ(typ), []byte(name))
	ev.Key = key
	return ev
}

// subscription has short times, so that failures are tried again soon.
func (p *probe) subscription(group string, types ...string) events.Subscription {
	if group != "" {
		group = p.group(group)
	}
	s := events.Subscription{Group: group, Timeout: 10 * p.tick, Retry: events.Retry{Base: p.tick / 10, Cap: p.tick / 5}}
	for _, t := range types {
		s.Types = append(s.Types, p.typ(t))
	}
	return s
}

// publish publishes one event of the type "a" for each name.
func (p *probe) publish(key string, names ...string) error {
	for _, n := range names {
		if err := p.Publish(p.ctx, p.event("a", key, n)); err != nil {
			return fmt.Errorf("Publish(%s): %w", n, err)
		}
	}
	return nil
}

// A log records what handlers get. Its methods are safe for concurrent use.
type log struct {
	mu      sync.Mutex
	names   []string
	changed chan struct{}
}

func newLog() *log { return &log{changed: make(chan struct{}, 1)} }

func (l *log) add(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names = append(l.names, name)
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *log) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.names)
}

func (l *log) count(name string) (n int) {
	for _, x := range l.all() {
		if x == name {
			n++
		}
	}
	return n
}

// handle is a handler that records and acknowledges.
func (l *log) handle(_ context.Context, ev events.Event) error {
	l.add(string(ev.Data))
	return nil
}

// until waits for ok, which is asked whenever the log changes, as long as
// something comes now and then.
func (p *probe) until(l *log, what string, ok func() bool) error {
	end := time.After(400 * p.tick)
	news := time.NewTimer(20 * p.tick)
	defer news.Stop()
	again := time.NewTicker(p.tick / 4)
	defer again.Stop()
	for !ok() {
		select {
		case <-l.changed:
			news.Reset(20 * p.tick)
			continue
		case <-again.C:
			continue
		case <-news.C:
		case <-end:
		}
		return fmt.Errorf("%s: not in time; got %q", what, l.all())
	}
	return nil
}

// wants waits until the log holds as many names and compares them, sorted.
func (p *probe) wants(l *log, names ...string) error {
	err := p.until(l, fmt.Sprintf("want %q", names), func() bool { return len(l.all()) >= len(names) })
	if err != nil {
		return err
	}
	got := slices.Sorted(slices.Values(l.all()))
	if want := slices.Sorted(slices.Values(names)); !slices.Equal(got, want) {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}

// only waits for the names and then for more, which must not come.
func (p *probe) only(l *log, names ...string) error {
	if err := p.wants(l, names...); err != nil {
		return err
	}
	p.quiet()
	return p.wants(l, names...)
}

// quiet waits for what must not happen.
func (p *probe) quiet() { time.Sleep(3 * p.tick) }

// closes waits for the channel to be closed.
func (p *probe) closes(ch <-chan struct{}, what string) error {
	select {
	case <-ch:
		return nil
	case <-time.After(20 * p.tick):
		return fmt.Errorf("%s: not in time", what)
	}
}

// returns waits for a call in a goroutine.
func (p *probe) returns(ch <-chan error, what string) (result, late error) {
	select {
	case err := <-ch:
		return err, nil
	case <-time.After(20 * p.tick):
		return nil, fmt.Errorf("%s did not return", what)
	}
}

// subscribe subscribes with h, and stops the consumer when the check ends.
func (p *probe) subscribe(s events.Subscription, h events.Handler) (*consumer, error) {
	c, err := p.Subscribe(p.ctx, s, h)
	if err != nil {
		return nil, fmt.Errorf("Subscribe: %w", err)
	}
	return &consumer{c, p}, nil
}

// A consumer is an [events.Consumer] of a check.
type consumer struct {
	events.Consumer
	p *probe
}

// end stops it and waits; checks defer it.
func (c *consumer) end() {
	c.Stop()
	_ = c.p.closes(c.Closed(), "Closed") // a rule of its own
}

func is(err, want error, what string) error {
	if !errors.Is(err, want) {
		return fmt.Errorf("%s = %v, want %v", what, err, want)
	}
	return nil
}
