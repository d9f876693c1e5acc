package eventstest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

var consumerRules = []rule{
	{
		name:  "stop ends fetching",
		says:  "Stop ends fetching",
		check: stopEnds,
	},
	{
		name:  "stop cancels handlers",
		says:  "Stop cancels the context of running handlers; it does not wait",
		check: stopCancels,
	},
	{
		name:  "stop gives back",
		says:  "Stop drops what was fetched but not handled: a Group gets it again",
		check: stopGivesBack,
	},
	{
		name:  "closed after the last handler",
		says:  "Closed is closed when the last handler has returned",
		check: closedLast,
	},
	{
		name:  "err after stop",
		says:  "Err is nil after Stop and Drain",
		check: errAfter,
	},
	{
		name:  "stop twice",
		says:  "Stop and Drain of a consumer that ended do nothing",
		check: stopTwice,
	},
	{
		name:  "drain finishes",
		says:  "Drain finishes what was fetched and then stops",
		check: drainFinishes,
	},
	{
		name:  "drain ends fetching",
		says:  "Drain stops fetching",
		check: drainEnds,
	},
	{
		name:  "end of drain",
		says:  "At the end of ctx Drain does as Stop and returns the cause",
		check: drainEnded,
	},
}

// hanging is a handler that tells when it has begun, and returns when it is
// released or, with an error, when its ctx ends.
type hanging struct {
	begun   chan struct{} // a value for each call
	ended   chan error    // of ctx; a value for each call that its end ended
	release chan struct{}
	log     *log // of calls that were released
}

func newHanging() *hanging {
	return &hanging{begun: make(chan struct{}, 100), ended: make(chan error, 100), release: make(chan struct{}), log: newLog()}
}

func (h *hanging) handle(ctx context.Context, ev events.Event) error {
	h.begun <- struct{}{}
	select {
	case <-h.release:
		return h.log.handle(ctx, ev)
	case <-ctx.Done():
		h.ended <- ctx.Err()
		return ctx.Err()
	}
}

// hang subscribes a hanging handler and waits until it has the event "1".
func (p *probe) hang(group string) (*hanging, *consumer, error) {
	h := newHanging()
	s := p.subscription(group, "a")
	s.Timeout = 1000 * p.tick
	c, err := p.subscribe(s, h.handle)
	if err != nil {
		return nil, nil, err
	}
	if err := p.publish("k", "1"); err != nil {
		return nil, nil, err
	}
	select {
	case <-h.begun:
		return h, c, nil
	case <-time.After(20 * p.tick):
		return nil, nil, errors.New("no handler was called")
	}
}

func stopEnds(p *probe) error {
	for _, group := range []string{"", "g"} {
		l := newLog()
		c, err := p.subscribe(p.subscription(group, "a"), l.handle)
		if err != nil {
			return err
		}
		if err := errors.Join(p.publish("", "1"), p.wants(l, "1")); err != nil {
			return err
		}
		p.quiet() // the acknowledgement may need time
		c.end()
		if err := errors.Join(p.publish("", "2"), p.only(l, "1")); err != nil {
			return fmt.Errorf("group %q: %w", group, err)
		}
	}
	return nil
}

func stopCancels(p *probe) error {
	h, c, err := p.hang("g")
	if err != nil {
		return err
	}
	defer c.end()
	stopped := make(chan struct{})
	go func() { defer close(stopped); c.Stop() }()
	if err := p.closes(stopped, "Stop"); err != nil {
		return err
	}
	select {
	case err := <-h.ended:
		return is(err, context.Canceled, "the error of the handler's ctx")
	case <-time.After(20 * p.tick):
		close(h.release)
		return errors.New("the handler's ctx did not end")
	}
}

func stopGivesBack(p *probe) error {
	_, c, err := p.hang("g")
	if err != nil {
		return err
	}
	defer c.end()
	if err := p.publish("k", "2"); err != nil {
		return err
	}
	c.end()
	l := newLog()
	s := p.subscription("g", "a")
	s.Timeout = 1000 * p.tick
	next, err := p.subscribe(s, l.handle)
	if err != nil {
		return err
	}
	defer next.end()
	return p.only(l, "1", "2")
}

func closedLast(p *probe) error {
	begun, release := make(chan struct{}), make(chan struct{})
	c, err := p.subscribe(p.subscription("g", "a"), func(context.Context, events.Event) error {
		close(begun)
		<-release // whatever its ctx says
		return nil
	})
	if err != nil {
		return err
	}
	if err := errors.Join(p.publish("k", "1"), p.closes(begun, "the handler's begin")); err != nil {
		close(release)
		return err
	}
	c.Stop()
	p.quiet()
	select {
	case <-c.Closed():
		err = errors.New("Closed is closed while a handler runs")
	default:
	}
	close(release)
	return errors.Join(err, p.closes(c.Closed(), "Closed"))
}

func errAfter(p *probe) error {
	for name, end := range map[string]func(*consumer) error{
		"Stop":  func(c *consumer) error { c.Stop(); return nil },
		"Drain": func(c *consumer) error { return c.Drain(p.ctx) },
	} {
		l := newLog()
		c, err := p.subscribe(p.subscription("", "a"), l.handle)
		if err != nil {
			return err
		}
		err = errors.Join(p.publish("", name), p.wants(l, name), end(c), p.closes(c.Closed(), "Closed after "+name))
		if err != nil {
			return err
		}
		if err := c.Err(); err != nil {
			return fmt.Errorf("Err after %s = %w", name, err)
		}
	}
	return nil
}

func stopTwice(p *probe) error {
	c, err := p.subscribe(p.subscription("", "a"), newLog().handle)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		c.Stop()
		c.Stop()
		err := c.Drain(p.ctx)
		c.Stop()
		done <- err
	}()
	result, late := p.returns(done, "Stop, Stop, Drain and Stop")
	return errors.Join(result, late)
}

func drainFinishes(p *probe) error {
	for _, group := range []string{"", "g"} {
		h, c, err := p.hang(group)
		if err != nil {
			return err
		}
		done := make(chan error, 1)
		go func() { done <- c.Drain(p.ctx) }()
		p.quiet()
		select {
		case err := <-h.ended:
			return fmt.Errorf("group %q: the handler's ctx ended with %v", group, err)
		case err := <-done:
			return fmt.Errorf("group %q: Drain = %v while a handler runs", group, err)
		default:
		}
		close(h.release)
		result, late := p.returns(done, "Drain")
		if err := errors.Join(result, late, p.closes(c.Closed(), "Closed after Drain"), p.wants(h.log, "1")); err != nil {
			return fmt.Errorf("group %q: %w", group, err)
		}
	}
	return nil
}

func drainEnds(p *probe) error {
	l := newLog()
	c, err := p.subscribe(p.subscription("g", "a"), l.handle)
	if err != nil {
		return err
	}
	if err := errors.Join(c.Drain(p.ctx), p.closes(c.Closed(), "Closed after Drain"), p.publish("", "late")); err != nil {
		return err
	}
	return p.only(l)
}

func drainEnded(p *probe) error {
	h, c, err := p.hang("g")
	if err != nil {
		return err
	}
	defer c.end()
	cause := errors.New("cause of the check")
	ctx, cancel := context.WithTimeoutCause(p.ctx, p.tick, cause)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- c.Drain(ctx) }()
	result, late := p.returns(done, "Drain with an ended ctx")
	if err := errors.Join(late, is(result, cause, "Drain")); err != nil {
		close(h.release)
		return err
	}
	select {
	case <-h.ended:
		return nil
	case <-time.After(20 * p.tick):
		close(h.release)
		return errors.New("the handler's ctx did not end with that of Drain")
	}
}
