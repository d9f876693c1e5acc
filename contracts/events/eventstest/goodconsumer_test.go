package eventstest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// A member is a consumer of a [bus].
type member struct {
	bus      *bus
	group    *group
	handler  events.Handler
	ctx      context.Context // of handlers
	cancel   context.CancelFunc
	workers  sync.WaitGroup
	draining atomic.Bool
	over     atomic.Bool // Stop was called
	once     sync.Once
	done     chan struct{}
}

func (c *member) stopped() bool { return c.over.Load() }

func (c *member) work() {
	for c.bus.root.Err() == nil {
		if c.stopped() && !c.bus.is("stop ends fetching") || c.draining.Load() && !c.bus.is("drain ends fetching") {
			return
		}
		if e := c.bus.next(c.group); e != nil {
			c.bus.answer(c, e, c.call(e.ev))
			continue
		}
		time.Sleep(look)
	}
}

func (c *member) call(ev events.Event) error {
	ctx := c.ctx
	if !c.bus.is("timeout") {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmp.Or(c.group.sub.Timeout, 30*time.Second))
		defer cancel()
	}
	return errs.Catch(func() error { return c.handler(ctx, ev) })
}

func (c *member) Stop() {
	if c.over.Swap(true) {
		return
	}
	if !c.bus.is("stop cancels handlers") {
		c.cancel()
	}
	if c.bus.is("closed after the last handler") || c.bus.is("stop ends fetching") {
		c.closed()
	}
	c.bus.mu.Lock()
	defer c.bus.mu.Unlock()
	c.group.members--
	if c.group.members == 0 && (c.group.sub.Group == "" || c.bus.is("a group keeps its place")) {
		c.bus.groups = slices.DeleteFunc(c.bus.groups, func(g *group) bool { return g == c.group })
	}
}

func (c *member) Drain(ctx context.Context) error {
	if c.stopped() && c.bus.is("stop twice") {
		return events.ErrClosed
	}
	c.draining.Store(true)
	if c.bus.is("drain finishes") {
		c.Stop()
	}
	if c.bus.is("drain ends fetching") {
		c.closed()
	}
	if c.bus.is("end of drain") {
		<-c.done
		return nil
	}
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
		c.Stop()
		return context.Cause(ctx)
	}
}

func (c *member) closed() { c.once.Do(func() { close(c.done) }) }

func (c *member) Closed() <-chan struct{} { return c.done }

func (c *member) Err() error {
	if c.bus.is("err after stop") {
		return context.Canceled
	}
	return nil
}
