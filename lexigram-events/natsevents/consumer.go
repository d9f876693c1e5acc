package natsevents

import (
	"context"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A consumer is a subscription of this process. The group's mutex guards what
// changes.
type consumer struct {
	group   *group
	handler events.Handler
	lanes   int
	values  context.Context // lent by Subscribe's ctx; names the bus
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
	c.group.mu.Lock()
	defer c.group.mu.Unlock()
	c.stop(nil)
}

// Drain implements [events.Consumer]. What is fetched is what handlers have;
// for group "" it is everything that waits for them, further attempts included.
func (c *consumer) Drain(ctx context.Context) error {
	c.group.mu.Lock()
	c.drain(nil)
	c.group.mu.Unlock()
	select {
	case <-c.closed:
		return nil
	case <-ctx.Done():
		c.Stop()
		return events.Err.Wrap(context.Cause(ctx), "natsevents: drain group %q", c.group.sub.Group)
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

func (c *consumer) drain(err error) {
	if c.draining || c.stopped {
		return
	}
	c.draining, c.err = true, err
	c.group.release(c)
	c.group.work.Broadcast()
	c.rest()
}

func (c *consumer) stop(err error) {
	if c.stopped {
		return
	}
	if !c.draining {
		c.err = err
	}
	c.stopped = true
	for _, w := range c.workers {
		if w.call != nil {
			w.call.over()
		}
	}
	c.group.release(c)
	c.group.work.Broadcast()
	c.rest()
}

// done reports whether the workers of c have nothing to take any more.
func (c *consumer) done() bool {
	if single := c.group.single; single != nil && !c.stopped {
		return c.draining && single.ended && c.group.held == 0
	}
	return c.stopped || c.draining
}

// rest ends c when it is done and its last worker has left. The last consumer
// of a group ends when the group has given back what it held.
func (c *consumer) rest() {
	g := c.group
	if len(c.workers) > 0 || !c.done() || !slices.Contains(g.all, c) {
		return
	}
	c.stopped = true
	g.all = slices.DeleteFunc(g.all, func(x *consumer) bool { return x == c })
	if len(g.all) == 0 && g.gone {
		g.closeLast = append(g.closeLast, c.closed)
		g.settleEnd()
		return
	}
	close(c.closed)
}
