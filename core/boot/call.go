package boot

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A call is one running hook.
type call struct {
	hookContext
	node    *node
	hook    *hook
	started time.Time
	took    time.Duration
	result  error
	expired bool      // its deadline passed
	ended   bool      // its context was ended while it ran
	giveUp  time.Time // when it is abandoned, if ended
	left    bool      // abandoned
}

// errExited is a hook that called runtime.Goexit.
var errExited = errors.New("the hook ended its goroutine")

// A worker runs calls, first and then what it is handed, until the runner closes.
func (r *runner) worker(first *call) {
	stretch(int(r.grace))
	for c := first; c != nil; {
		if c = r.do(c); c == nil {
			c = <-r.work // nil when it is closed
		}
	}
}

// stretch makes the stack of a new goroutine as large as hooks need it, in one
// step and while there is nothing on it to copy.
//
//go:noinline
func stretch(i int) byte {
	var room [stackNeed]byte
	return room[i&(stackNeed-1)]
}

const stackNeed = 4 << 10

// do runs one call and returns the one that its end let begin, if any.
func (r *runner) do(c *call) (next *call) {
	exited := true
	defer func() {
		if !exited {
			return
		}
		c.result = errExited
		if next := r.done(c, false); next != nil {
			go r.worker(next)
		}
	}()
	c.result = errs.Catch(func() error { return c.hook.call(c, c.node) })
	exited = false
	return r.done(c, true)
}

// wakeAt is when the runner must look after the call.
func (c *call) wakeAt() time.Time {
	if c.ended {
		return c.giveUp
	}
	return c.deadline
}

// fault returns what the call failed with, in the application's words.
func (c *call) fault(err error) error {
	if err == nil {
		return nil
	}
	if c.expired {
		err = &expiredError{after: c.deadline.Sub(c.started), err: err}
	}
	return &HookError{Module: c.node.module, Provider: c.node.name, Hook: c.hook.stage, Key: c.node.key, Took: c.took, Err: err}
}

// cancelled reports whether err says no more than that the context ended.
func (c *call) cancelled(err error) bool {
	return c.ended && !c.expired && errors.Is(err, context.Canceled)
}
