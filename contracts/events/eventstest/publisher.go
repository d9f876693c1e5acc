package eventstest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var publisherRules = []rule{
	{
		name:  "what is published is delivered",
		says:  "what is published after Subscribe returned is delivered",
		check: delivered,
	},
	{
		name:  "many events in one call",
		says:  "Publish returns nil once the bus has taken every event, however many",
		check: publishedAtOnce,
	},
	{
		name:  "an event arrives intact",
		says:  "The bus neither reads nor changes Data; an Event is a fact",
		check: intact,
	},
	{
		name:  "an event is checked",
		says:  "Every backend's Publish calls Check first, for every event",
		check: checked,
	},
	{
		name:  "publishing nothing",
		says:  "Publish returns nil once the bus has taken every event",
		check: func(p *probe) error { return p.Publish(p.ctx) },
	},
	{
		name:  "equal source and id",
		says:  "within the bus's window an equal Source and ID is the same event",
		check: sameEvent,
	},
	{
		name:  "equal id of another source",
		says:  "ID is unique for Source and tenant",
		check: func(p *probe) error { return p.differs(func(ev *events.Event) { ev.Source += "/other" }) },
	},
	{
		name: "equal id of another tenant",
		says: "ID is unique for Source and tenant",
		check: func(p *probe) error {
			err := p.differs(func(ev *events.Event) {
				ev.Headers = maps.Clone(ev.Headers)
				if ev.Headers == nil {
					ev.Headers = map[string]string{}
				}
				ev.Headers[events.HeaderTenant] = "other"
			})
			if errors.Is(err, events.ErrInvalid) {
				return skip("the bus takes events of the context's tenant only: " + err.Error())
			}
			return err
		},
	},
	{
		name:  "a full bus blocks",
		says:  "Publish blocks while the bus is full, until ctx ends",
		check: full,
	},
	{
		name:  "closed",
		says:  "a closed bus returns ErrClosed",
		check: closed,
	},
}

func delivered(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.Publish(p.ctx, p.event("a", "", "1"), p.event("a", "", "2"), p.event("a", "k", "3")); err != nil {
		return err
	}
	return p.only(l, "1", "2", "3")
}

// numerous is more events than one message or one page of a backend holds.
const numerous = 300

// numbered returns numerous events of the type and their names.
func (p *probe) numbered(typ string) (evs []events.Event, names []string) {
	for i := range numerous {
		names = append(names, fmt.Sprintf("%03d", i))
		evs = append(evs, p.event(typ, fmt.Sprint("k", i%7), names[i]))
	}
	return evs, names
}

func publishedAtOnce(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	evs, names := p.numbered("a")
	if err := p.Publish(p.ctx, evs...); err != nil {
		return err
	}
	return p.only(l, names...)
}

func intact(p *probe) error {
	got := make(chan events.Event, 1)
	c, err := p.subscribe(p.subscription("", "a.>"), func(_ context.Context, ev events.Event) error { got <- ev; return nil })
	if err != nil {
		return err
	}
	defer c.end()
	want := events.Event{
		ID: p.salt + "/1", Source: "/eventstest?a=b", Type: p.typ("a.b-c_d.E9"), Key: "k 1/ö", Schema: 7, Format: "text/plain",
		Time: time.Date(2026, 3, 4, 5, 6, 7, 8000, time.FixedZone("", 3600)), Data: []byte("\x00\xff\r\n"),
		Headers: map[string]string{events.HeaderTenant: "t1", "x-note": `"a" b, 100%`, "subject": "ü", "id": "x_0", "x_0": ""},
	}
	if err := p.Publish(p.ctx, want); err != nil {
		return err
	}
	var ev events.Event
	select {
	case ev = <-got:
	case <-time.After(20 * p.tick):
		return errors.New("no event came")
	}
	same := ev.ID == want.ID && ev.Source == want.Source && ev.Type == want.Type && ev.Key == want.Key && ev.Schema == want.Schema &&
		ev.Format == want.Format && ev.Time.Equal(want.Time) && bytes.Equal(ev.Data, want.Data)
	delete(ev.Headers, events.HeaderTrace) // the bus may carry the trace of the publisher
	if !same || !maps.Equal(ev.Headers, want.Headers) {
		return fmt.Errorf("got %+v, want %+v", ev, want)
	}
	return nil
}

func checked(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", ">"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	for name, spoil := range map[string]func(*events.Event){
		"without an ID":     func(e *events.Event) { e.ID = "" },
		"without a Source":  func(e *events.Event) { e.Source = "" },
		"of a pattern":      func(e *events.Event) { e.Type += ".*" },
		"of a negative one": func(e *events.Event) { e.Schema = -1 },
		"with a line feed":  func(e *events.Event) { e.Key = "a\nb" },
		"not in UTF-8":      func(e *events.Event) { e.ID = "\xff" },
		"with a bad name":   func(e *events.Event) { e.Headers = map[string]string{"a:b": "c"} },
		"with a bad value":  func(e *events.Event) { e.Headers = map[string]string{"a": "b\x00"} },
	} {
		bad := p.event("a", "", "bad")
		spoil(&bad)
		if err := is(p.Publish(p.ctx, p.event("a", "", "before"), bad), events.ErrInvalid, "Publish of an event "+name); err != nil {
			return err
		}
	}
	return p.only(l)
}

func sameEvent(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	ev := p.event("a", "", "1")
	for range 2 {
		if err := p.Publish(p.ctx, ev, ev); err != nil {
			return err
		}
	}
	if err := p.only(l, "1"); err != nil {
		return err
	}
	if p.bubble { // nobody waits two minutes for real
		time.Sleep(100 * time.Second)
	}
	if err := p.Publish(p.ctx, ev); err != nil {
		return err
	}
	return p.only(l, "1")
}

// differs checks that an event is not taken for the one that change makes of it.
func (p *probe) differs(change func(*events.Event)) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	ev := p.event("a", "", "1")
	other := ev
	change(&other)
	for _, one := range []events.Event{ev, other} {
		if err := p.Publish(p.ctx, one); err != nil {
			return err
		}
	}
	return p.only(l, "1", "1")
}

// most is how many events a check publishes at most to fill a bus.
const most = 100_000

func full(p *probe) error {
	l := newLog()
	release := make(chan struct{})
	s := p.subscription("", "a")
	s.Timeout, s.Lanes = 10000*p.tick, 1
	c, err := p.subscribe(s, func(ctx context.Context, ev events.Event) error {
		select {
		case <-release:
			return l.handle(ctx, ev)
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil {
		return err
	}
	defer c.end()
	cause := errors.New("cause of the check")
	ctx, cancel := context.WithTimeoutCause(p.ctx, 10*p.tick, cause)
	defer cancel()
	var names []string
	for range most {
		name := fmt.Sprint(len(names))
		if err = p.Publish(ctx, p.event("a", "", name)); err != nil {
			break
		}
		names = append(names, name)
	}
	switch {
	case err == nil:
		return skip(fmt.Sprintf("took %d events without being full", most))
	case ctx.Err() == nil:
		return fmt.Errorf("Publish of number %d = %v before its ctx ended", len(names), err)
	}
	if err := is(err, cause, "Publish of one more"); err != nil {
		return err
	}
	close(release)
	return p.until(l, "what was taken is delivered", func() bool { return len(l.all()) >= len(names) })
}

func closed(p *probe) error {
	b, ok := p.Bus.(closer)
	if !ok {
		return skip("the bus has no Close(ctx) error")
	}
	if err := b.Close(p.ctx); err != nil {
		return fmt.Errorf("Close: %w", err)
	}
	_, err := p.Subscribe(p.ctx, p.subscription("", "a"), newLog().handle)
	return errors.Join(
		is(p.Publish(p.ctx, p.event("a", "", "1")), events.ErrClosed, "Publish after Close"),
		is(err, events.ErrClosed, "Subscribe after Close"),
		b.Close(p.ctx),
	)
}
