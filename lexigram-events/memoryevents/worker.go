package memoryevents

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

var errGoexit = errs.ErrPanic.Sub("LEX_ERR_EVT_036", errs.Internal, "panic: handler ended its goroutine")

// A worker is one goroutine of a consumer. It lives until the consumer ends.
type worker struct {
	consumer *consumer
	call     *call // that runs, for Stop
}

func (w *worker) run() {
	c, b := w.consumer, w.consumer.bus
	b.mu.Lock()
	c.group.waking = false
	var it *item
	defer func() { // in a defer, because a handler may call runtime.Goexit
		if it != nil {
			b.mu.Lock()
			w.call = nil
			c.finish(it, errGoexit)
		}
		w.leave()
		b.mu.Unlock()
	}()
	for {
		if it = w.next(); it == nil {
			return
		}
		call := &call{values: c.values, bus: b, end: b.now() + c.group.sub.Timeout}
		w.call = call
		b.mu.Unlock()
		err := c.invoke(call, it)
		call.over()
		b.mu.Lock()
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
			w.yield()
			g.waking = false
		case it == nil:
			g.idle++
			g.work.Wait()
			g.idle--
			g.waking = false
			spins = 0
		case it.ticket != nil && it.ticket.cancelled:
			g.remove(it)
		default:
			if g.ready.head != nil {
				g.wake()
			}
			return it
		}
	}
	return nil
}

// maxSpins is how often a worker or a publisher lets others run before it
// sleeps. Waking a sleeper takes longer than most handlers.
const maxSpins = 4

// yield lets a publisher run, which may be about to push.
func (w *worker) yield() {
	w.consumer.bus.mu.Unlock()
	runtime.Gosched()
	w.consumer.bus.mu.Lock()
}

// leave takes w off its consumer. It passes on the signal that it may have
// been sent, and replaces itself if it did not want to leave.
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
	if c.bus.opts.Observer.Sink == nil {
		return errs.Catch(func() error { return c.handler(ctx, it.ev) })
	}
	o := c.bus.opts.Observer
	call.values = o.Extract(call.values, it.ev.Headers)
	start := time.Now()
	ctx, end := o.Start(ctx, "events.handle", slog.String("type", it.ev.Type), slog.String("group", c.group.sub.Group))
	err := errs.Catch(func() error { return c.handler(ctx, it.ev) })
	end(err)
	o.Record(ctx, "events.handle.duration", time.Since(start).Seconds(), slog.String("group", c.group.sub.Group))
	return err
}

// finish does with it what err, the handler's answer, calls for.
func (c *consumer) finish(it *item, err error) {
	g := c.group
	switch {
	case it.ticket != nil:
		it.ticket.resolve(g, it, err)
		if err != nil {
			g.holdBack(it)
		}
		g.remove(it)
	case err == nil:
		g.remove(it)
	case g.gone:
		g.remove(it)
	case c.stopped: // it was cancelled with its consumer
		g.ready.pushFront(it)
		g.wake()
	default:
		it.attempts++
		c.failed(it, err)
	}
}

// failed has a published event tried again, or buried.
func (c *consumer) failed(it *item, err error) {
	g, log := c.group, c.bus.opts.Logger
	attrs := []any{"id", it.ev.ID, "type", it.ev.Type, "group", g.sub.Group, "attempt", it.attempts, "error", err}
	var p *errs.PanicError
	if errors.As(err, &p) {
		attrs = append(attrs, "stack", string(p.Stack))
	}
	again := it.attempts < g.sub.Retry.Attempts && !errors.Is(err, events.ErrPoison)
	if again {
		g.park(it)
		c.bus.mu.Unlock()
		log.Warn("memoryevents: handler failed, will try again", attrs...)
		c.bus.mu.Lock()
		return
	}
	c.bus.mu.Unlock()
	if g.sub.Retry.Drop {
		log.Error("memoryevents: handler failed, event dropped", attrs...)
	} else {
		log.Error("memoryevents: handler failed, event kept among the dead letters", attrs...)
	}
	c.bus.mu.Lock()
	if !g.sub.Retry.Drop {
		c.bus.bury(g, it, err)
	}
	g.remove(it)
}
