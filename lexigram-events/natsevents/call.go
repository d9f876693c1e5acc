package natsevents

import (
	"context"
	"sync"
	"time"
)

// A call is the context of one call of a handler. Most handlers never wait for
// its end, so the timer and the channel are made for those that ask.
type call struct {
	values   context.Context // of Subscribe, without its end
	deadline time.Time

	mu     sync.Mutex
	inner  context.Context // nil until somebody asks
	cancel context.CancelFunc
	ended  bool
}

var _ context.Context = (*call)(nil)

func (c *call) Deadline() (time.Time, bool) { return c.deadline, true }

func (c *call) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		c.inner, c.cancel = context.WithDeadline(c.values, c.deadline)
		if c.ended {
			c.cancel()
		}
	}
	return c.inner.Done()
}

func (c *call) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inner != nil:
		return c.inner.Err()
	case c.ended:
		return context.Canceled
	case !time.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return nil
}

// Value answers through the inner context, if there is one, so that contexts
// made from this one find its canceler and need no goroutine.
func (c *call) Value(key any) any {
	c.mu.Lock()
	from := c.inner
	c.mu.Unlock()
	if from == nil {
		from = c.values
	}
	return from.Value(key)
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
