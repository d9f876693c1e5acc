package eventstest

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// A bus is small and slow, and keeps every rule but the one that fault names.
// Its workers look at the clock of the bubble a hundred times in a second.
type bus struct {
	fault  string
	root   context.Context
	kill   context.CancelFunc
	mu     sync.Mutex
	groups []*group
	seen   map[string]bool
	kept   []events.Event
	closed bool
}

const (
	look     = 10 * time.Millisecond
	capacity = 50
)

type group struct {
	sub     events.Subscription
	entries []*entry
	members int
}

type entry struct {
	ev       events.Event
	busy     bool
	attempts int
	due      time.Time
	answer   chan error // of Deliver; nil if it was published
}

func newBus(fault string) *bus {
	b := &bus{fault: fault, seen: map[string]bool{}}
	b.root, b.kill = context.WithCancel(context.Background())
	return b
}

// end has every worker see that it is over.
func (b *bus) end() {
	b.kill()
	time.Sleep(10 * look)
}

// restart ends b and returns a bus with what it has kept.
func (b *bus) restart() *bus {
	b.end()
	again := newBus(b.fault)
	if !b.is("a group survives a restart") {
		again.groups = b.groups
	}
	if !b.is("what is kept survives a restart") {
		again.kept = b.kept
	}
	if !b.is("the same event after a restart") {
		again.seen = b.seen
	}
	for _, g := range again.groups {
		for _, e := range g.entries {
			e.busy = false
		}
	}
	return again
}

// is reports whether b breaks the rule.
func (b *bus) is(rule string) bool { return b.fault == rule }

func (b *bus) Close(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

func (b *bus) Publish(ctx context.Context, evs ...events.Event) error {
	if b.is("publishing nothing") && len(evs) == 0 {
		return errors.New("nothing to publish")
	}
	if !b.is("an event is checked") {
		for _, ev := range evs {
			if err := events.Check(ev); err != nil {
				return err
			}
		}
	}
	if b.is("order within a call") {
		evs = slices.Clone(evs)
		slices.Reverse(evs)
	}
	for i, ev := range evs {
		if err := events.Check(ev); err != nil {
			return err
		}
		if i >= 100 && b.is("many events in one call") {
			break
		}
		if i > 0 && b.is("what is published is delivered") {
			continue
		}
		if err := b.publish(ctx, ev); err != nil {
			return err
		}
	}
	return nil
}

func (b *bus) publish(ctx context.Context, ev events.Event) error {
	for {
		taken, err := b.take(ev)
		if taken || err != nil {
			return err
		}
		if b.is("a full bus blocks") {
			return errors.New("full")
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(look):
		}
	}
}

func (b *bus) take(ev events.Event) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed && !b.is("closed") {
		return false, events.ErrClosed
	}
	for _, g := range b.groups {
		if g.wants(b, ev.Type) && len(g.entries) >= capacity {
			return false, nil
		}
	}
	source, tenant := ev.Source, ev.Headers[events.HeaderTenant]
	switch {
	case b.is("equal id of another source"):
		source = ""
	case b.is("equal id of another tenant"):
		tenant = ""
	}
	id := tenant + "\x00" + source + "\x00" + ev.ID
	if b.seen[id] && !b.is("equal source and id") {
		return true, nil
	}
	b.seen[id] = true
	if b.is("an event arrives intact") {
		ev.Headers = nil
	}
	b.kept = append(b.kept, ev)
	b.push(ev, nil)
	return true, nil
}

func (b *bus) push(ev events.Event, answer func() chan error) {
	for _, g := range b.groups {
		if !g.wants(b, ev.Type) {
			continue
		}
		e := &entry{ev: ev}
		if answer != nil {
			e.answer = answer()
		}
		g.entries = append(g.entries, e)
		if answer != nil && b.is("deliver to every subscription") {
			return
		}
	}
}

func (g *group) wants(b *bus, typ string) bool {
	return slices.ContainsFunc(g.sub.Types, func(p string) bool {
		if b.is("patterns") {
			p = strings.ReplaceAll(p, "*", ">")
		}
		return events.Match(p, typ)
	})
}

func (b *bus) Deliver(ctx context.Context, evs ...events.Event) error {
	for _, ev := range evs {
		if err := events.Check(ev); err != nil && !b.is("delivered events are checked") {
			return err
		}
	}
	evs = slices.Clone(evs)
	switch {
	case b.is("delivering nothing") && len(evs) == 0:
		return errors.New("nothing to deliver")
	case b.is("deliver acknowledges"):
		return b.Publish(ctx, evs...)
	case b.is("deliver many"):
		evs = evs[:min(len(evs), 100)]
	case b.is("deliver in order"):
		slices.Reverse(evs)
	case b.is("end of deliver"):
		ctx = context.WithoutCancel(ctx)
	}
	var all []error
	failed := map[string]bool{}
	for _, ev := range evs {
		id := "delivered " + ev.Source + "\x00" + ev.ID
		if b.is("deliver again") && b.seen[id] {
			continue
		}
		b.seen[id] = true
		if failed[ev.Key] && ev.Key != "" && !b.is("deliver holds back") {
			all = append(all, errors.New("held back"))
			continue
		}
		errs, err := b.deliver(ctx, ev)
		if err != nil {
			return err
		}
		failed[ev.Key] = failed[ev.Key] || len(errs) > 0
		all = append(all, errs...)
	}
	return b.joined(all)
}

func (b *bus) joined(all []error) error {
	poison := func(err error) bool { return errors.Is(err, events.ErrPoison) }
	sound := slices.ContainsFunc(all, func(err error) bool { return !poison(err) })
	if sound && !b.is("deliver poison") {
		all = slices.DeleteFunc(all, poison)
	}
	return errors.Join(all...)
}

func (b *bus) deliver(ctx context.Context, ev events.Event) (failures []error, _ error) {
	if b.is("deliver behind what was published") {
		ev.Key = "" // so that it overtakes
	}
	var answers []chan error
	b.mu.Lock()
	b.push(ev, func() chan error {
		answers = append(answers, make(chan error, 1))
		return answers[len(answers)-1]
	})
	b.mu.Unlock()
	for _, a := range answers {
		select {
		case err := <-a:
			if err != nil {
				failures = append(failures, err)
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-b.root.Done():
			return nil, events.ErrClosed
		}
	}
	return failures, nil
}

func (b *bus) Subscribe(ctx context.Context, s events.Subscription, h events.Handler) (events.Consumer, error) {
	if !b.is("a subscription is checked") {
		if len(s.Types) == 0 {
			return nil, events.ErrInvalid
		}
		for _, p := range s.Types {
			if err := events.CheckPattern(p); err != nil {
				return nil, err
			}
		}
	}
	if ctx.Err() != nil && !b.is("an ended ctx") {
		return nil, context.Cause(ctx)
	}
	if !b.is("values of ctx") {
		ctx = context.WithoutCancel(ctx)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, events.ErrClosed
	}
	g, err := b.join(s)
	if err != nil {
		return nil, err
	}
	c := &member{bus: b, group: g, handler: h, done: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(ctx)
	context.AfterFunc(b.root, c.cancel)
	n := cmp.Or(s.Lanes, 2)
	if b.is("lanes") {
		n = 1
	}
	for range n {
		c.workers.Go(c.work)
	}
	go func() { c.workers.Wait(); c.closed() }()
	return c, nil
}

// join returns the group of s.
func (b *bus) join(s events.Subscription) (*group, error) {
	lanes := s.Lanes
	s.Lanes = 0
	defer func() { s.Lanes = lanes }()
	named := s.Group != "" && !b.is("a group shares") || b.is("no group")
	for _, g := range b.groups {
		if named && g.sub.Group == s.Group {
			if !reflect.DeepEqual(g.sub, s) && !b.is("a group is one subscription") {
				return nil, events.ErrGroup
			}
			g.members++
			return g, nil
		}
	}
	g := &group{sub: s, members: 1}
	b.groups = append(b.groups, g)
	if s.Begin == events.Earliest && s.Group != "" && !b.is("earliest") || b.is("latest") {
		for _, ev := range b.kept {
			if g.wants(b, ev.Type) {
				g.entries = append(g.entries, &entry{ev: ev})
			}
		}
	}
	return g, nil
}

// next returns the first entry that may be handled now; nil if there is none.
func (b *bus) next(g *group) *entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	held := map[string]bool{}
	entries := slices.Clone(g.entries)
	if b.is("order of a key") {
		slices.Reverse(entries)
	}
	for _, e := range entries {
		waits := e.due.After(now)
		if !e.busy && !waits && !held[e.ev.Key] {
			e.busy = true
			return e
		}
		switch {
		case waits && b.is("a failure holds back no other key"):
			return nil
		case waits && b.is("a failure holds back its key"), e.busy && b.is("one of a key at a time"):
		case e.ev.Key != "":
			held[e.ev.Key] = true
		}
	}
	return nil
}

// answer does with e what its handler said.
func (b *bus) answer(c *member, e *entry, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := c.group
	e.busy = false
	e.attempts++
	attempts := cmp.Or(g.sub.Retry.Attempts, 10)
	switch {
	case b.is("attempts"), b.is("one attempt") && attempts == 1:
		attempts++
	case b.is("ten attempts") && attempts == 10:
		attempts = 5
	}
	var p *errs.PanicError
	again := err != nil && e.attempts < attempts && (!errors.Is(err, events.ErrPoison) || b.is("poison"))
	switch {
	case b.is("nil acknowledges") && err == nil:
		again = e.attempts < attempts
	case b.is("a panic is tried again") && errors.As(err, &p), b.is("an error is tried again") && !errors.As(err, &p):
		again = false
	}
	if e.answer != nil {
		again = err != nil && b.is("deliver once") && e.attempts < 2
	} else if err != nil && c.stopped() {
		again = !b.is("stop gives back")
		e.attempts--
	}
	if again {
		e.due = time.Now().Add(g.sub.Retry.Base)
		return
	}
	g.entries = slices.DeleteFunc(g.entries, func(x *entry) bool { return x == e })
	if e.answer != nil {
		e.answer <- err
	}
}
