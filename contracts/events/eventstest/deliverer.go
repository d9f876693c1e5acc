package eventstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var delivererRules = []rule{
	{
		name:  "deliver acknowledges",
		says:  "Deliver returns nil once each handler has acknowledged each event",
		check: deliver(deliverAcks),
	},
	{
		name:  "deliver many",
		says:  "Deliver returns nil once each handler has acknowledged each event, however many and every time",
		check: deliver(deliverMany),
	},
	{
		name:  "deliver to every subscription",
		says:  "Deliver hands evs to every matching subscription of this process",
		check: deliver(deliverAll),
	},
	{
		name:  "deliver in order",
		says:  "Deliver hands evs, in order",
		check: deliver(deliverOrder),
	},
	{
		name:  "deliver once",
		says:  "A handler is called once for each event: the errors are joined",
		check: deliver(deliverOnce),
	},
	{
		name:  "deliver again",
		says:  "the caller delivers again later, to all subscriptions: no window makes that the same event",
		check: deliver(deliverAgain),
	},
	{
		name:  "deliver holds back",
		says:  "the errors of events that were held back behind them are joined",
		check: deliver(deliverHolds),
	},
	{
		name:  "deliver behind what was published",
		says:  "Deliver respects the order of keys with what is published and delivered besides",
		check: deliver(deliverBehind),
	},
	{
		name:  "deliver poison",
		says:  "The result matches ErrPoison only if every error does",
		check: deliver(deliverPoison),
	},
	{
		name:  "end of deliver",
		says:  "When ctx ends it returns its cause at once; handlers that run go on",
		check: deliver(deliverEnd),
	},
	{
		name:  "delivering nothing",
		says:  "Deliver of no events does nothing and returns nil",
		check: deliver(func(p *probe, d events.Deliverer) error { return d.Deliver(p.ctx) }),
	},
	{
		name:  "delivered events are checked",
		says:  "a Deliverer is a Publisher: Check comes first, for every event",
		check: deliver(deliverChecked),
	},
}

func deliver(check func(*probe, events.Deliverer) error) func(*probe) error {
	return func(p *probe) error {
		d, ok := events.AsDeliverer(p.ctx, p.Bus)
		if !ok {
			return skip("the bus is no events.Deliverer")
		}
		return check(p, d)
	}
}

func deliverAcks(p *probe, d events.Deliverer) error {
	h := newHanging()
	c, err := p.subscribe(p.subscription("g", "a"), h.handle)
	if err != nil {
		return err
	}
	defer c.end()
	done := make(chan error, 1)
	go func() { done <- d.Deliver(p.ctx, p.event("a", "k", "1")) }()
	p.quiet()
	select {
	case err := <-done:
		close(h.release)
		return fmt.Errorf("Deliver = %v before its handler returned", err)
	default:
	}
	close(h.release)
	result, late := p.returns(done, "Deliver")
	return errors.Join(result, late, p.only(h.log, "1"))
}

func deliverMany(p *probe, d events.Deliverer) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	evs, _ := p.numbered("a")
	if err := d.Deliver(p.ctx, evs...); err != nil {
		return err
	}
	if n := len(l.all()); n != len(evs) {
		return fmt.Errorf("Deliver of %d events = nil after %d", len(evs), n)
	}
	for i := range 100 {
		if err := d.Deliver(p.ctx, p.event("a", "", "one")); err != nil {
			return err
		}
		if n := l.count("one"); n != i+1 {
			return fmt.Errorf("after %d calls of Deliver its handler has handled %d", i+1, n)
		}
	}
	return nil
}

func deliverAll(p *probe, d events.Deliverer) error {
	l := newLog()
	for _, group := range []string{"", "", "g", "g", "h"} {
		c, err := p.subscribe(p.subscription(group, "a"), l.handle)
		if err != nil {
			return err
		}
		defer c.end()
	}
	if err := d.Deliver(p.ctx, p.event("a", "k", "1"), p.event("b", "k", "nobody's")); err != nil {
		return err
	}
	return p.only(l, "1", "1", "1", "1") // once for the group of two
}

func deliverOrder(p *probe, d events.Deliverer) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	var evs []events.Event
	for i := range 9 {
		evs = append(evs, p.event("a", "k", fmt.Sprint(i)))
	}
	if err := d.Deliver(p.ctx, evs...); err != nil {
		return err
	}
	if got := l.all(); len(got) != len(evs) || !slices.IsSorted(got) {
		return fmt.Errorf("got %q of one key", got)
	}
	return nil
}

func deliverOnce(p *probe, d events.Deliverer) error {
	l := newLog()
	other := errors.New("no")
	for _, fail := range []error{errNotNow, other, nil} {
		c, err := p.subscribe(p.subscription("", "a"), func(ctx context.Context, ev events.Event) error {
			l.add(string(ev.Data))
			return fail
		})
		if err != nil {
			return err
		}
		defer c.end()
	}
	err := d.Deliver(p.ctx, p.event("a", "", "1"), p.event("a", "", "2"))
	return errors.Join(is(err, errNotNow, "Deliver"), is(err, other, "Deliver"), p.only(l, "1", "1", "1", "2", "2", "2"))
}

func deliverAgain(p *probe, d events.Deliverer) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	ev := p.event("a", "k", "1")
	if err := errors.Join(d.Deliver(p.ctx, ev), d.Deliver(p.ctx, ev)); err != nil {
		return err
	}
	return p.only(l, "1", "1")
}

func deliverHolds(p *probe, d events.Deliverer) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), func(ctx context.Context, ev events.Event) error {
		l.add(string(ev.Data))
		if string(ev.Data) == "1" {
			return errNotNow
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer c.end()
	err = d.Deliver(p.ctx, p.event("a", "k", "1"), p.event("a", "k", "2"), p.event("a", "other", "3"))
	return errors.Join(is(err, errNotNow, "Deliver"), p.only(l, "1", "3"))
}

func deliverBehind(p *probe, d events.Deliverer) error {
	h, c, err := p.hang("g") // in event "1" of key k
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "2"); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- d.Deliver(p.ctx, p.event("a", "k", "3")) }()
	p.quiet()
	early := len(h.begun)
	close(h.release)
	result, late := p.returns(done, "Deliver")
	if early > 0 {
		return errors.New("an event is handled while an earlier one of its key is")
	}
	if err := errors.Join(result, late, p.only(h.log, "1", "2", "3")); err != nil {
		return err
	}
	if got := h.log.all(); !slices.IsSorted(got) {
		return fmt.Errorf("got %q of one key", got)
	}
	return nil
}

func deliverPoison(p *probe, d events.Deliverer) error {
	subscribe := func(fail error) (*consumer, error) {
		return p.subscribe(p.subscription("", "a"), func(context.Context, events.Event) error { return fail })
	}
	for range 2 {
		c, err := subscribe(events.ErrPoison.Wrap(nil, "the check"))
		if err != nil {
			return err
		}
		defer c.end()
	}
	if err := is(d.Deliver(p.ctx, p.event("a", "", "1")), events.ErrPoison, "Deliver to two that say poison"); err != nil {
		return err
	}
	c, err := subscribe(errNotNow)
	if err != nil {
		return err
	}
	defer c.end()
	err = d.Deliver(p.ctx, p.event("a", "", "2"))
	if errors.Is(err, events.ErrPoison) {
		return fmt.Errorf("Deliver = %w, although one of three may succeed later", err)
	}
	return is(err, errNotNow, "Deliver")
}

func deliverEnd(p *probe, d events.Deliverer) error {
	h := newHanging()
	s := p.subscription("g", "a")
	s.Timeout = 1000 * p.tick
	c, err := p.subscribe(s, h.handle)
	if err != nil {
		return err
	}
	defer c.end()
	cause := errors.New("cause of the check")
	ctx, cancel := context.WithTimeoutCause(p.ctx, p.tick, cause)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- d.Deliver(ctx, p.event("a", "k", "1")) }()
	result, late := p.returns(done, "Deliver with an ended ctx")
	if err := errors.Join(late, is(result, cause, "Deliver")); err != nil {
		close(h.release)
		return err
	}
	select {
	case err := <-h.ended:
		return fmt.Errorf("the handler's ctx ended with %w", err)
	case <-time.After(3 * p.tick):
	}
	close(h.release)
	return p.only(h.log, "1")
}

func deliverChecked(p *probe, d events.Deliverer) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("", "a"), l.handle)
	if err != nil {
		return err
	}
	defer c.end()
	bad := p.event("a", "", "bad")
	bad.Source = ""
	err = d.Deliver(p.ctx, p.event("a", "", "before"), bad)
	return errors.Join(is(err, events.ErrInvalid, "Deliver"), p.only(l))
}
