package sagatest

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A modelRun runs one instance. Its methods hold the mutex but for calls of steps.
type modelRun struct {
	*modelManager
	k     *kept
	d     saga.Definition
	fence int
}

func (r *modelRun) run(ctx context.Context) error {
	k := r.k
	if k.Status == saga.Failed && !r.is("resume what failed") {
		k.Status, k.at, k.open, k.attempts = saga.Compensating, len(k.Steps)-1, false, 0
		for i := range k.Steps {
			if k.Steps[i].Status == saga.Stuck {
				k.Steps[i].Status = saga.Done
			}
		}
	}
	if k.attempts > 0 && !r.is("a pause") {
		k.due = time.Time{}
	}
	for {
		switch {
		case k.Status == saga.Compensated && r.is("why"):
			return nil
		case k.Status == saga.Compensated:
			return saga.ErrCompensated
		case k.Status == saga.Failed:
			return saga.ErrFailed
		case k.Status == saga.Completed:
			if r.is("an instance that has ended") && k.seen[0] == "" {
				k.seen[0], k.Status, k.at = "again", saga.Running, 0
				return nil
			}
			return nil
		case k.Status == saga.Compensating:
			if err := r.back(ctx); err != nil {
				return err
			}
		default:
			more, err := r.forth(ctx)
			if err != nil || !more {
				return err
			}
		}
	}
}

// forth does one step, or reports that there is nothing more to do.
func (r *modelRun) forth(ctx context.Context) (more bool, err error) {
	k := r.k
	if k.open {
		k.open, k.doubt = false, !r.is("attempts of the dead")
		if r.is("attempts of the dead") {
			k.attempts--
		}
	}
	switch {
	case k.cancel != "":
		r.turn(k.cancel)
		return true, nil
	case k.at == len(r.d.Steps):
		k.Status = saga.Completed
		return true, nil
	}
	s := &r.d.Steps[k.at]
	if r.clock.Now().Before(k.due) {
		k.Status = saga.Running
		return false, nil
	}
	if ev, ok := k.events[k.at]; len(s.Await) > 0 && (!ok || ev.ID == "") {
		if k.deadline.IsZero() || r.clock.Now().Before(k.deadline) || r.is("an event that does not come") {
			k.Status = saga.Waiting
			return false, nil
		}
		k.Steps[k.at].Status = saga.Refused
		r.turn(saga.ErrTimeout.Error())
		return true, nil
	}
	k.Status = saga.Running
	if s.Do == nil {
		r.done(k.Data)
		return true, nil
	}
	if most := s.Retry.WithDefaults().MaxAttempts; k.attempts >= most {
		r.turn("no answer")
		return true, nil
	}
	return true, r.attempt(ctx, s, false)
}

func (r *modelRun) done(data []byte) {
	k := r.k
	k.Data = data
	if k.at == len(k.Steps) {
		return // whoever comes late
	}
	k.Steps[k.at].Status = saga.Done
	r.enter(k, r.d, k.at+1)
}

// turn begins the compensation.
func (r *modelRun) turn(reason string) {
	k := r.k
	k.Status, k.Reason, k.attempts, k.due = saga.Compensating, reason, 0, time.Time{}
	k.at = min(k.at, len(k.Steps)-1)
	if r.is("compensation") {
		k.at = 0 // in the wrong order, below
	}
}

// back undoes one step, or ends the compensation.
func (r *modelRun) back(ctx context.Context) error {
	k := r.k
	next := func() { k.at, k.attempts, k.open = k.at-1, 0, false }
	if r.is("compensation") {
		next = func() {
			if k.at, k.attempts, k.open = k.at+1, 0, false; k.at == len(k.Steps) {
				k.at = -1
			}
		}
	}
	if k.at < 0 {
		k.at, k.Status = 0, saga.Compensated
		for _, s := range k.Steps {
			if s.Status == saga.Stuck && !r.is("compensation that fails") {
				k.Status = saga.Failed
			}
		}
		return nil
	}
	s, rec := &r.d.Steps[k.at], &k.Steps[k.at]
	undo := rec.Status == saga.Done || rec.Status == saga.Begun && !r.is("steps in doubt")
	if s.Undo == nil && r.is("nothing to undo") && undo {
		rec.Status = saga.Stuck
		undo = false
	}
	if !undo || s.Undo == nil {
		next()
		return nil
	}
	if k.attempts >= s.Retry.WithDefaults().MaxAttempts {
		rec.Status = saga.Stuck
		next()
		return nil
	}
	if err := r.attempt(ctx, s, true); err != nil {
		return err
	}
	if rec.Status == saga.Undone {
		next()
	}
	return nil
}

// attempt calls the step, and takes note of what came of it.
func (r *modelRun) attempt(ctx context.Context, s *saga.Step, undo bool) error {
	k := r.k
	k.attempts++
	k.open = true
	if !undo {
		k.Steps[k.at].Status = saga.Begun
	}
	c := r.call(s, undo)
	before := bytes.Clone(k.Data)
	r.mu.Unlock()
	err := r.invoke(ctx, s, c, undo)
	r.mu.Lock()
	if k.fence != r.fence && !r.is("who comes late") && !r.is("at the same time") && !r.is("a lease") {
		return saga.ErrLost
	}
	k.open = false
	if r.is("an event while a step runs") {
		k.events = nil
	}
	data := bytes.Clone(c.Data)
	if r.is("copies") {
		data = c.Data
	}
	if undo && r.is("data of an Undo") {
		data = before
	}
	if err != nil && r.is("data") {
		k.Data = data
	}
	return r.settle(ctx, s, undo, data, err)
}

func (r *modelRun) settle(ctx context.Context, s *saga.Step, undo bool, data []byte, err error) error {
	k := r.k
	answered := err != nil && resilience.Answered(err)
	again := !answered
	if s.Retry.RetryIf != nil && err != nil && !r.is("attempts") {
		again = s.Retry.RetryIf(err)
	}
	switch {
	case err == nil && undo:
		k.Data, k.Steps[k.at].Status = data, saga.Undone
	case err == nil:
		r.done(data)
	case ctx.Err() != nil:
		k.attempts--
	case undo:
		if !again {
			k.attempts = 1 << 30
		}
	default:
		if k.doubt = k.doubt || !answered && !s.Atomic; !k.doubt {
			k.Steps[k.at].Status = saga.Pending
		}
		k.Steps[k.at].Error = err.Error()
		if !again || k.attempts >= s.Retry.WithDefaults().MaxAttempts {
			if !k.doubt {
				k.Steps[k.at].Status = saga.Refused
			}
			r.turn(s.Name + ": " + err.Error())
			break
		}
		return r.rest(ctx, s.Retry.WithDefaults().BaseDelay)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// rest waits before another attempt.
func (r *modelRun) rest(ctx context.Context, d time.Duration) error {
	r.k.due = r.clock.Now().Add(d)
	r.mu.Unlock()
	defer r.mu.Lock()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		r.k.due = time.Time{}
		return nil
	}
}

func (r *modelRun) call(s *saga.Step, undo bool) *saga.Call {
	k := r.k
	c := &saga.Call{ID: k.ID, Saga: k.Saga, Step: s.Name, Key: k.ID + "/" + s.Name + "/do", Attempt: k.attempts, Data: bytes.Clone(k.Data), Event: k.events[k.at]}
	if undo {
		c.Key = k.ID + "/" + s.Name + "/undo"
	}
	switch {
	case r.is("keys"):
		c.Key = k.ID + "/" + s.Name
	case r.is("taken over at every step"):
		c.Key += strconv.Itoa(r.fence)
	case r.is("what a call is told"):
		c.Attempt = 1
	case r.is("atomic steps") && !undo:
		c.Data = []byte("0")
		c.Attempt = k.attempts - 1
	}
	return c
}

func (r *modelRun) invoke(ctx context.Context, s *saga.Step, c *saga.Call, undo bool) error {
	if s.Timeout > 0 && !r.is("timeout") {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	if r.k.Tenant != "" && !r.is("the tenant") {
		ctx = tenancy.With(ctx, tenancy.ID(r.k.Tenant))
	}
	if undo {
		return errs.Catch(func() error { return s.Undo(ctx, c) })
	}
	return errs.Catch(func() error { return s.Do(ctx, c) })
}
