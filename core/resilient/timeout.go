package resilient

import (
	"context"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A deadline is the context of a call with a timeout. It is what
// [context.WithTimeout] returns, and becomes just that when somebody asks for
// Done; until then it needs no timer, for Err can look at the clock.
type deadline struct {
	parent context.Context
	at     time.Time

	mu     sync.Mutex
	armed  context.Context // nil until Done is called
	cancel context.CancelFunc
	err    error // how it ended before it was armed
}

// newDeadline returns a child of parent that ends after d, or nil if parent ends sooner.
func newDeadline(parent context.Context, d time.Duration) *deadline {
	at := time.Now().Add(d)
	if end, ok := parent.Deadline(); ok && !at.Before(end) {
		return nil
	}
	return &deadline{parent: parent, at: at}
}

func (c *deadline) Deadline() (time.Time, bool) { return c.at, true }

func (c *deadline) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.armed == nil {
		c.armed, c.cancel = context.WithDeadlineCause(c.parent, c.at, resilience.ErrTimeout)
		if c.err != nil {
			c.cancel()
		}
	}
	return c.armed.Done()
}

func (c *deadline) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	switch {
	case c.armed != nil:
		c.err = c.armed.Err()
	case c.parent.Err() != nil:
		c.err = c.parent.Err()
	case time.Until(c.at) <= 0:
		c.err = context.DeadlineExceeded
	}
	return c.err
}

func (c *deadline) Value(key any) any {
	c.mu.Lock()
	inner := c.parent
	if c.armed != nil {
		inner = c.armed // so that children of this context find the one that ends them
	}
	c.mu.Unlock()
	return inner.Value(key)
}

// stop ends the context with its call, and reports whether err, of the call, is
// that the deadline passed. A call that ended well in spite of it is none.
func (c *deadline) stop(err error) (timedOut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
	if c.err == nil {
		c.err = context.Canceled
	}
	if err == nil || time.Until(c.at) > 0 {
		return false
	}
	kind := errs.KindOf(err)
	return kind == errs.Timeout || kind == errs.Canceled
}
