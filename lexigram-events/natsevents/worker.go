package natsevents

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// A worker is one goroutine of a consumer. It lives until the consumer ends.
type worker struct {
	consumer *consumer
	call     *call // that runs, for Stop
}

func (c *consumer) hire() {
	w := &worker{consumer: c}
	c.workers = append(c.workers, w)
	go w.run()
}

func (w *worker) run() {
	c, g := w.consumer, w.consumer.group
	g.mu.Lock()
	g.waking = false
	var it *item
	defer func() { // in a defer, because a handler may call runtime.Goexit
		if it != nil {
			g.mu.Lock()
			c.finish(it, errGoexit)
			w.call = nil
		}
		w.leave()
		g.mu.Unlock()
	}()
	for {
		if it = w.next(); it == nil {
			return
		}
		if it.bad != nil || it.fatal != nil {
			c.bury(it)
			continue
		}
		call := &call{values: c.values, deadline: time.Now().Add(g.sub.Timeout)}
		w.call = call
		g.mu.Unlock()
		err := c.invoke(call, it)
		call.over()
		if err == nil {
			it.from.ack(it.msg)
		}
		g.mu.Lock()
		w.call = nil
		c.finish(it, err)
	}
}

// next waits for an item; nil tells the worker to leave.
func (w *worker) next() *item {
	c, g := w.consumer, w.consumer.group
	for spins := 0; !c.done(); {
		it := g.ready.pop()
		switch {
		case it == nil && spins < maxSpins && !g.waking:
			spins++
			g.waking = true
			g.mu.Unlock()
			runtime.Gosched()
			g.mu.Lock()
			g.waking = false
		case it == nil:
			g.idle++
			g.work.Wait()
			g.idle--
			g.waking = false
			spins = 0
		default:
			if g.ready.head != nil {
				g.wake()
			}
			it.running = true
			return it
		}
	}
	return nil
}

// maxSpins is how often a worker lets others run before it sleeps. Waking a
// sleeper takes longer than most handlers.
const maxSpins = 4

// leave takes w off its consumer. It passes on the signal that it may have
// been sent.
func (w *worker) leave() {
	c := w.consumer
	c.workers = slices.DeleteFunc(c.workers, func(x *worker) bool { return x == w })
	c.group.waking = false
	if c.group.ready.head != nil {
		c.group.wake()
	}
	c.rest()
}

// invoke calls the handler.
func (c *consumer) invoke(call *call, it *item) error {
	var ctx context.Context = call
	o := c.group.bus.opts.Observer
	if o.Sink == nil {
		return errs.Catch(func() error { return c.handler(ctx, it.ev) })
	}
	call.values = o.Extract(call.values, it.ev.Headers)
	start := time.Now()
	ctx, end := o.Start(ctx, "events.handle", slog.String("type", it.ev.Type), slog.String("group", c.group.sub.Group))
	err := errs.Catch(func() error { return c.handler(ctx, it.ev) })
	end(err)
	o.Record(ctx, "events.handle.duration", time.Since(start).Seconds(), slog.String("group", c.group.sub.Group))
	return err
}

// finish does with it what err, the handler's answer, calls for. What was
// acknowledged has been already.
func (c *consumer) finish(it *item, err error) {
	g := c.group
	it.running = false
	switch {
	case err == nil:
		it.from.done.put(it.seq)
		g.remove(it)
	case it.from.stopped: // somebody else goes on with its partition
		it.from.nak(it.msg)
		g.remove(it)
	case c.stopped: // it was cancelled with its consumer
		g.ready.pushFront(it)
		g.wake()
	default:
		it.attempts++
		c.failed(it, err)
	}
}

// failed has an event tried again, or buried.
func (c *consumer) failed(it *item, err error) {
	g, log := c.group, c.group.bus.opts.Logger
	attrs := []any{"id", it.ev.ID, "type", it.ev.Type, "group", g.sub.Group, "attempt", it.attempts, "error", err}
	var p *errs.PanicError
	if errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.Stack))
	}
	if it.attempts < g.sub.Retry.Attempts && !errors.Is(err, events.ErrPoison) {
		g.park(it)
		g.mu.Unlock()
		log.Warn("natsevents: handler failed, will try again", attrs...)
		g.mu.Lock()
		return
	}
	it.fatal = err
	g.mu.Unlock()
	if g.sub.Retry.Drop {
		log.Error("natsevents: handler failed, event dropped", attrs...)
	} else {
		log.Error("natsevents: handler failed, event goes to the dead letters", attrs...)
	}
	g.mu.Lock()
	c.bury(it)
}

// bury moves it to the dead letters. It gives up the mutex meanwhile. What the
// server does not take stays, and is buried later.
func (c *consumer) bury(it *item) {
	g := c.group
	it.running = true
	g.mu.Unlock()
	reason := it.fatal
	if it.bad != nil {
		reason = it.bad
	}
	var err error
	if !g.sub.Retry.Drop || it.bad != nil {
		err = g.bus.bury(c.values, g, it, reason)
	}
	if err == nil {
		it.from.ack(it.msg)
	} else {
		g.bus.opts.Logger.Error("natsevents: dead letter was not taken, will try again", "id", it.ev.ID, "group", g.sub.Group, "error", err)
	}
	g.mu.Lock()
	it.running = false
	switch {
	case err == nil:
		it.from.done.put(it.seq)
		g.remove(it)
	case it.from.stopped:
		it.from.nak(it.msg)
		g.remove(it)
	default:
		g.park(it)
	}
}
