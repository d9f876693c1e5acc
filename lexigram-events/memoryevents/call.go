package memoryevents

import (
	"context"
	"sync"
	"time"
)

// A call is the context of one call of a handler. Most handlers never wait for
// its end, so the timer and the channel are made for those that ask.
type call struct {
	values context.Context // of Subscribe, without its end
	bus    *Bus
	end    time.Duration // on the bus's clock

	mu     sync.Mutex
	inner  context.Context // nil until somebody asks
	cancel context.CancelFunc
	ended  bool
}

var _ context.Context = (*call)(nil)

// within is the key under which a call names its bus, so that a handler may
// publish while the bus drains.
type within struct{ bus *Bus }

func (c *call) Deadline() (time.Time, bool) { return c.bus.start.Add(c.end), true }

func (c *call) Done() <-chan struct{} { return c.context().Done() }

func (c *call) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inner != nil:
		return c.inner.Err()
	case c.ended:
		return context.Canceled
	case c.bus.now() >= c.end:
		return context.DeadlineExceeded
	}
	return nil
}

func (c *call) Value(key any) any {
	if w, ok := key.(within); ok && w.bus == c.bus {
		return c
	}
	c.mu.Lock()
	from := c.inner
	c.mu.Unlock()
	if from == nil {
		from = c.values
	}
	return from.Value(key)
}

// context makes the inner context. Value answers through it from then on, so
// that contexts made from this one find its canceler and need no goroutine.
func (c *call) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		c.inner, c.cancel = context.WithDeadline(c.values, c.bus.start.Add(c.end))
		if c.ended {
			c.cancel()
		}
	}
	return c.inner
}

// over cancels the context: the handler returned or its consumer stopped.
func (c *call) over() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	if c.cancel != nil {
		c.cancel()
	}
}
