package memoryevents

import (
	"context"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// errStopped is what a Deliver hears of a group whose consumer stopped.
var errStopped = events.ErrClosed.Sub("LEX_ERR_EVT_035", events.ErrClosed.Kind(), "events: closed: subscription stopped before it handled the event")

// A consumer is a subscription of this process. The bus's mutex guards what
// changes.
type consumer struct {
	bus     *Bus
	group   *group
	handler events.Handler
	lanes   int
	values  context.Context // lent by Subscribe's ctx
	closed  chan struct{}

	workers  []*worker
	draining bool
	stopped  bool
	err      error
}

var _ events.Consumer = (*consumer)(nil)

// Stop implements [events.Consumer]. What its handlers fail at from then on
// goes back to the Group and counts as no attempt.
func (c *consumer) Stop() {
	c.bus.mu.Lock()
	defer c.bus.mu.Unlock()
	c.stop(nil)
	c.bus.settle()
}

// Drain implements [events.Consumer]. What is fetched is what handlers have;
// for group "" it is everything that waits for them, further attempts included.
func (c *consumer) Drain(ctx context.Context) error {
	c.bus.mu.Lock()
	if !c.draining && !c.stopped {
		c.draining = true
		if c.group.sub.Group == "" {
			c.group.unroute()
		} else {
			c.group.release(c)
		}
		c.group.work.Broadcast()
		c.rest()
	}
	c.bus.mu.Unlock()
	select {
	case <-c.closed:
		return nil
	case <-ctx.Done():
		c.Stop()
		return events.Err.Wrap(context.Cause(ctx), "memoryevents: drain group %q", c.group.sub.Group)
	}
}

// Closed implements [events.Consumer].
func (c *consumer) Closed() <-chan struct{} { return c.closed }

// Err implements [events.Consumer]: [events.ErrClosed] if the bus was closed.
func (c *consumer) Err() error {
	select {
	case <-c.closed:
		return c.err // set before closed was closed
	default:
		return nil
	}
}

// stop ends c for the reason err.
func (c *consumer) stop(err error) {
	if c.stopped {
		return
	}
	c.stopped, c.err = true, err
	for _, w := range c.workers {
		if w.call != nil {
			w.call.over()
		}
	}
	g := c.group
	g.release(c)
	if g.sub.Group == "" {
		g.drop()
	}
	g.work.Broadcast()
	c.rest()
}

// done reports whether the workers of c have nothing to fetch any more.
func (c *consumer) done() bool {
	return c.stopped || c.draining && (c.group.sub.Group != "" || c.group.size == 0)
}

// rest closes c when it is done and its last worker has left.
func (c *consumer) rest() {
	if len(c.workers) > 0 || !c.done() {
		return
	}
	select {
	case <-c.closed:
	default:
		c.stopped = true
		c.group.release(c)
		delete(c.bus.live, c)
		close(c.closed)
	}
}

// release has g count c no more among those that fetch. The last one leaves
// what was published for the next, and gives back what was delivered.
func (g *group) release(c *consumer) {
	if i := slices.Index(g.consumers, c); i >= 0 {
		g.consumers = slices.Delete(g.consumers, i, i+1)
		if len(g.consumers) == 0 && !g.gone {
			g.giveBack()
		}
	}
}

// unroute has nothing new reach g.
func (g *group) unroute() {
	g.bus.groups = slices.DeleteFunc(g.bus.groups, func(x *group) bool { return x == g })
	clear(g.bus.routes)
	for len(g.waiters) > 0 {
		w := g.waiters[0]
		g.waiters = g.waiters[1:]
		w.room <- struct{}{}
	}
}

func (c *consumer) hire() {
	w := &worker{consumer: c}
	c.workers = append(c.workers, w)
	go w.run()
}
