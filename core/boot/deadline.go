package boot

import (
	"context"
	"slices"
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

// deadline is when n's hook must have ended.
func (r *runner) deadline(n *node, now time.Time) time.Time {
	d := now.Add(r.hook.limit(n))
	if own, ok := r.ctx.Deadline(); ok && own.Before(d) {
		return own
	}
	return d
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

// expire ends the contexts of those whose deadline passed, gives up those that
// had their grace, and reports whether something runs still.
func (r *runner) expire(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wake = time.Time{}
	for _, c := range slices.Clone(r.running) {
		switch {
		case c.ended && !now.Before(c.giveUp):
			r.abandon(c)
		case !c.ended && !now.Before(c.deadline):
			c.expired = true
			r.cut(c, context.DeadlineExceeded, now)
		}
	}
	for _, c := range r.running {
		r.arm(c.wakeAt())
	}
	r.dispatch()
	return len(r.running) > 0
}

// cut ends a call's context; the hook has its grace to return. One of a start
// has until its deadline too, because what began is about to be shut down and
// should not be while it still boots.
func (r *runner) cut(c *call, err error, now time.Time) {
	c.end(err)
	c.ended = true
	if c.hook.strict && now.Before(c.deadline) {
		now = c.deadline
	}
	c.giveUp = now.Add(r.grace)
}

// cutAll ends the contexts of everything that runs.
func (r *runner) cutAll(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cutRunning(err)
}

func (r *runner) cutRunning(err error) {
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
func (r *runner) abandon(c *call) {
	c.left = true
	r.finish(c, ErrStuck.Wrap(nil, "boot: still running %v after its context ended", r.grace))
}
