package sqlevents

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/sqlqueue"
)

// A consumer is a subscription of this process.
type consumer struct {
	bus     *Bus
	id      string
	group   int64
	sub     events.Subscription // normalized
	handler events.Handler
	pump    *sqlqueue.Pump
	wake    chan struct{}
	closed  chan struct{}

	mu  sync.Mutex
	err error
}

var _ events.Consumer = (*consumer)(nil)

// options returns those of the pump.
func (c *consumer) options(lanes int) sqlqueue.Options {
	o := &c.bus.opts
	return sqlqueue.Options{
		Name: "sqlevents", Done: "handled", Attrs: []slog.Attr{slog.String("group", c.sub.Group)},
		Batch: max(o.Batch, lanes), First: max(2*lanes, 64), Least: 2 * lanes, Parallel: lanes, Poll: o.Poll, Lease: o.Lease,
		MaxAttempts: c.sub.Retry.Attempts, RetryBase: c.sub.Retry.Base, RetryCap: c.sub.Retry.Cap, Drop: c.sub.Retry.Drop,
		Deliver: c.handle, Beat: c.beat, Clean: c.bus.Purge,
		Wake: c.wake, Clock: o.Clock, Logger: o.Logger, Observer: o.Observer,
	}
}

// handle calls the handler.
func (c *consumer) handle(ctx context.Context, ev events.Event) (err error) {
	ctx, cancel := context.WithTimeout(ctx, c.sub.Timeout)
	defer cancel()
	o := c.bus.opts.Observer
	if o.Sink == nil {
		return c.handler(ctx, ev)
	}
	group, start := slog.String("group", c.sub.Group), time.Now()
	ctx, end := o.Start(o.Extract(ctx, ev.Headers), "events.handle", slog.String("type", ev.Type), group)
	defer func() {
		end(err)
		o.Record(ctx, "events.handle.duration", time.Since(start).Seconds(), group)
	}()
	return c.handler(ctx, ev)
}

// Stop implements [events.Consumer]. What its handlers fail at from then on
// goes back to the group and counts as no attempt.
func (c *consumer) Stop() { c.pump.Stop() }

// Drain implements [events.Consumer]. What is fetched is what is claimed.
func (c *consumer) Drain(ctx context.Context) error {
	if err := c.pump.Drain(ctx); err != nil {
		return err
	}
	select {
	case <-c.closed:
		return nil
	case <-ctx.Done():
		return events.Err.Wrap(context.Cause(ctx), "sqlevents: drain group %q", c.sub.Group)
	}
}

// Closed implements [events.Consumer].
func (c *consumer) Closed() <-chan struct{} { return c.closed }

// Err implements [events.Consumer]: [events.ErrClosed] if the bus was closed, or
// the group had gone: it was forgotten, or had no name and this process did not
// say for two Leases that it lives.
func (c *consumer) Err() error {
	select {
	case <-c.closed:
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.err
	default:
		return nil
	}
}

// fail has c end with err, unless it ends already.
func (c *consumer) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
	}
}

// watch says goodbye when the pump has ended.
func (c *consumer) watch() {
	<-c.pump.Closed()
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := c.bus.leave(ctx, c); err != nil {
		c.bus.opts.Logger.Warn("sqlevents: a consumer ended without the tables knowing: they will in a while", "group", c.sub.Group, "error", err)
	}
	c.bus.forget(c)
	c.bus.wake() // others may have what it gave back
	close(c.closed)
}

// farewell is how long a consumer that has ended tries to say so.
const farewell = 10 * time.Second

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
