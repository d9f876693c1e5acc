package boot

import (
	"context"
	"time"
)

// An expiredError is what a hook returned after its deadline.
type expiredError struct {
	after time.Duration
	err   error
}

func (e *expiredError) Error() string {
	return "deadline of " + e.after.String() + " exceeded: " + e.err.Error()
}

func (e *expiredError) Unwrap() []error { return []error{e.err, context.DeadlineExceeded} }

// wakeAt is when the runner must look after the call.
func (c *call) wakeAt() time.Time {
	if c.ended {
		return c.giveUp
	}
	return c.deadline
}

// arm makes the timer fire at t, or earlier.
func (r *runner) arm(t time.Time) {
	if !r.wake.IsZero() && !t.Before(r.wake) {
		return
	}
	r.wake = t
	if r.timer == nil {
		r.timer = time.NewTimer(time.Until(t))
		return
	}
	r.timer.Reset(time.Until(t))
}

// expire ends the contexts of those whose deadline passed, and gives up those
// that had their grace.
func (r *runner) expire(now time.Time) {
	for _, c := range append([]*call(nil), r.running...) {
		switch {
		case c.left:
		case !c.ended && !now.Before(c.deadline):
			c.expired = true
			r.cut(c, context.DeadlineExceeded, now)
		case c.ended && !now.Before(c.giveUp):
			r.abandon(c, now)
		}
	}
	for _, c := range r.running {
		r.arm(c.wakeAt())
	}
}

// cut ends a call's context; the hook has its grace to return. One of a start
// has until its deadline too, because what began is about to be shut down and
// should not be while it still boots.
func (r *runner) cut(c *call, err error, now time.Time) {
	c.end(err)
	c.ended = true
	if r.hook.strict && now.Before(c.deadline) {
		now = c.deadline
	}
	c.giveUp = now.Add(r.grace)
}

// cutAll ends the contexts of everything that runs.
func (r *runner) cutAll(err error) {
	now := time.Now()
	for _, c := range r.running {
		if !c.ended {
			c.expired = err == context.DeadlineExceeded
			r.cut(c, err, now)
		}
		r.arm(c.wakeAt())
	}
}

// abandon goes on without a hook that ignores the end of its context.
func (r *runner) abandon(c *call, now time.Time) {
	c.left = true
	r.remove(c)
	took := now.Sub(c.started)
	r.report(c, took, ErrStuck.Wrap(nil, "boot: still running %v after its context ended", r.grace))
	if !r.hook.strict {
		r.pass(c.node)
	}
}
