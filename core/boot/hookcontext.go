package boot

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A hookContext is the context of one hook. It ends when its runner says so:
// at the deadline, when the application's context ends, or when the hook
// returned. The runner keeps one timer for all of them, which is why this is
// not context.WithDeadline.
type hookContext struct {
	context.Context // of the application, without its end: values only
	deadline        time.Time

	mu    sync.Mutex
	done  chan struct{} // nil until somebody asks
	err   error
	after []*func() // AfterFunc
}

func (c *hookContext) Deadline() (time.Time, bool) { return c.deadline, true }

func (c *hookContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

func (c *hookContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// AfterFunc lets contexts that are derived from this one end with it without a
// goroutine of their own; see [context.AfterFunc].
func (c *hookContext) AfterFunc(f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		go f()
		return func() bool { return false }
	}
	c.after = append(c.after, &f)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		i := slices.Index(c.after, &f)
		if i >= 0 {
			c.after = slices.Delete(c.after, i, i+1)
		}
		return i >= 0
	}
}

// end ends the context with err; only the first call counts.
func (c *hookContext) end(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	if c.done != nil {
		close(c.done)
	}
	after := c.after
	c.after = nil
	c.mu.Unlock()
	for _, f := range after {
		go (*f)()
	}
}
