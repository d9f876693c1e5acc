package container

import (
	"context"
	"sync"
	"time"
)

// A flightContext is the context of the Build of a singleton. It has the values
// of the caller that asked first, and ends when nobody waits any more. Most
// Builds never ask for that end, so it is made when one does.
type flightContext struct {
	context.Context        // of the caller
	leaves          *owner // of a flight that the end of the caller's context leaves; nil if the caller says so itself
	flight          *flight

	mu     sync.Mutex
	own    context.Context // nil until somebody asks
	cancel context.CancelFunc
	stop   func() bool // ends waiting for the caller's context
	over   bool
}

// Deadline returns none: the build may outlive its first caller.
func (c *flightContext) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *flightContext) Done() <-chan struct{} { return c.made().Done() }

func (c *flightContext) Err() error {
	if c.lives() {
		return nil
	}
	return c.made().Err()
}

// lives reports whether the context has surely not ended.
func (c *flightContext) lives() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.own == nil && !c.over && c.Context.Err() == nil
}

func (c *flightContext) Value(key any) any {
	if key == (buildKey{}) || key == (shelterKey{}) {
		return c.Context.Value(key)
	}
	return c.made().Value(key)
}

// made returns the context that can end.
func (c *flightContext) made() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own == nil {
		c.own, c.cancel = context.WithCancel(context.WithoutCancel(c.Context))
		switch {
		case c.over:
			c.cancel()
		case c.leaves != nil:
			c.stop = context.AfterFunc(c.Context, func() { c.leaves.leave(c.flight) })
		}
	}
	return c.own
}

// end ends the context.
func (c *flightContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.own != nil {
		c.cancel()
	}
	if c.stop != nil {
		c.stop()
	}
}
