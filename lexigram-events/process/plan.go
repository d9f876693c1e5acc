package process

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A todo is what is next of an instance.
type todo uint8

const (
	ended todo = iota // nothing
	pause             // nothing yet
	act               // call Do of the step at At
	undo              // call Undo of it
)

// enter makes i the step that is to be done.
func (r *record) enter(d *saga.Definition, i int, now time.Time) {
	r.At, r.Hold, r.Deadline = i, 0, 0
	if i == len(d.Steps) {
		return
	}
	s := &d.Steps[i]
	if s.Delay > 0 {
		r.Hold = now.Add(s.Delay).UnixMicro()
	}
	if s.Within > 0 {
		r.Deadline = now.Add(s.Delay + s.Within).UnixMicro()
	}
}

// next says what is to be done at now, having changed r to show that it is
// under way: whoever finds r like that knows that a call has begun.
func (r *record) next(d *saga.Definition, now time.Time) todo {
	r.Woken = false
	for {
		do, known := pause, false
		switch {
		case r.Status.Final():
			return ended
		case r.Status == saga.Compensating:
			do, known = r.nextUndo(d, now)
		case r.Cancel != "":
			r.closeStep()
			r.compensate(r.Cancel)
		case r.At == len(d.Steps):
			r.Status = saga.Completed
		default:
			do, known = r.nextDo(d, now)
		}
		if known {
			return do
		}
	}
}

// nextDo is next of an instance that goes forward; known is false if r has
// changed so that it must be looked at again.
func (r *record) nextDo(d *saga.Definition, now time.Time) (do todo, known bool) {
	s, def := &r.Steps[r.At], &d.Steps[r.At]
	r.closeStep()
	if now.UnixMicro() < r.Hold {
		r.Status = saga.Running
		return pause, true
	}
	if len(def.Await) > 0 && s.Event == nil {
		if r.Deadline == 0 || now.UnixMicro() < r.Deadline {
			r.Status = saga.Waiting
			return pause, true
		}
		s.Status, s.Error = saga.Refused, saga.ErrTimeout.Error()
		r.compensate(because(s.Name, s.Error))
		return 0, false
	}
	r.Status = saga.Running
	switch {
	case def.Do == nil:
		s.Status, s.Event = saga.Done, nil
		r.enter(d, r.At+1, now)
		return 0, false
	case s.Attempts >= attemptsOf(def):
		s.Error = "no answer: its process died"
		r.compensate(because(s.Name, s.Error))
		return 0, false
	}
	s.Attempts, s.Open, s.Status = s.Attempts+1, true, saga.Begun
	return act, true
}

// closeStep takes note of an attempt that began and did not end: its process died.
func (r *record) closeStep() {
	if r.At < len(r.Steps) && r.Steps[r.At].Open {
		r.Steps[r.At].Open, r.Steps[r.At].Doubt = false, true
	}
}

// compensate turns r back, for the first reason that it is given.
func (r *record) compensate(reason string) {
	r.Status, r.Reason = saga.Compensating, reason
	r.At, r.Hold, r.Deadline = min(r.At, len(r.Steps)-1), 0, 0
	if s := &r.Steps[r.At]; s.Status == saga.Begun && !s.Doubt {
		s.Status = saga.Pending
	}
}

// nextUndo is next of an instance that goes back.
func (r *record) nextUndo(d *saga.Definition, now time.Time) (do todo, known bool) {
	for ; r.At >= 0; r.At, r.Hold = r.At-1, 0 {
		s, def := &r.Steps[r.At], &d.Steps[r.At]
		if s.Open = false; s.Status != saga.Done && s.Status != saga.Begun || def.Undo == nil {
			continue
		}
		if s.Undos >= attemptsOf(def) {
			s.Status, s.Error = saga.Stuck, "no answer: its process died"
			continue
		}
		if now.UnixMicro() < r.Hold {
			return pause, true
		}
		s.Undos, s.Open = s.Undos+1, true
		return undo, true
	}
	r.At, r.Status = 0, saga.Compensated
	for i := range r.Steps {
		if r.Steps[i].Status == saga.Stuck {
			r.Status = saga.Failed
		}
	}
	return ended, true
}

// revive has r go on at once: what is paused is tried, and what is stuck is tried again.
func (r *record) revive() {
	if r.Status == saga.Failed {
		r.Status, r.At = saga.Compensating, len(r.Steps)-1
		for i := range r.Steps {
			if s := &r.Steps[i]; s.Status == saga.Stuck {
				s.Undos, s.Status = 0, saga.Done
				if s.Doubt {
					s.Status = saga.Begun
				}
			}
		}
	}
	if r.retrying() {
		r.Hold = 0
	}
}

// retrying reports whether Hold is a pause between two attempts.
func (r *record) retrying() bool {
	return r.Status == saga.Compensating || r.At < len(r.Steps) && r.Steps[r.At].Attempts > 0
}

// An outcome is what an attempt came to.
type outcome struct {
	at      int // the step
	attempt int
	undo    bool
	data    []byte // if err is nil
	err     error
	doubt   bool // the action may have had an effect
	stopped bool // the end of the context is what ended it
	again   bool // it is worth another attempt
	after   time.Duration
}

// settle takes note of the outcome, and reports whether it is that of the attempt that is open.
func (r *record) settle(d *saga.Definition, o outcome, now time.Time) bool {
	if r.At != o.at || !r.Steps[o.at].Open || (r.Status == saga.Compensating) != o.undo {
		return false
	}
	s := &r.Steps[o.at]
	tries := &s.Attempts
	if o.undo {
		tries = &s.Undos
	}
	if *tries != o.attempt {
		return false
	}
	s.Open = false
	switch {
	case o.err == nil && o.undo:
		s.Status, s.Error, r.Data, r.Hold = saga.Undone, "", o.data, 0
	case o.err == nil:
		s.Status, s.Error, s.Doubt, s.Event, r.Data = saga.Done, "", false, nil, o.data
		r.enter(d, o.at+1, now)
	default:
		s.Error = sayOf(o.err)
		if !o.undo {
			s.Doubt = s.Doubt || o.doubt
			s.Status = saga.Pending
			if s.Doubt {
				s.Status = saga.Begun
			}
		}
		r.failed(s, o, tries, attemptsOf(&d.Steps[o.at]), now)
	}
	return true
}

// failed decides what follows on an attempt that failed.
func (r *record) failed(s *step, o outcome, tries *int, most int, now time.Time) {
	switch {
	case o.stopped:
		*tries--
	case o.again && *tries < most:
		r.Hold = now.Add(o.after).UnixMicro()
	case o.undo:
		s.Status = saga.Stuck
	default:
		if !s.Doubt {
			s.Status = saga.Refused
		}
		r.compensate(because(s.Name, s.Error))
	}
}

func attemptsOf(s *saga.Step) int { return s.Retry.WithDefaults().MaxAttempts }
