package process

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A runner runs one instance, under a lease.
type runner struct {
	m       *Manager
	id      string
	patient bool // it is Resume: waits for pauses between attempts
	def     *saga.Definition
	failed  error // of the last step that failed for good in this run

	turn  chan struct{} // has one value, which is taken while rec is written
	rec   *record       // as it was last seen
	fence uint64        // of the lease
}

func newRunner(m *Manager, id string, patient bool) *runner {
	r := &runner{m: m, id: id, patient: patient, turn: make(chan struct{}, 1)}
	r.turn <- struct{}{}
	return r
}

// lock takes the turn, for as long as the record is written, and returns what gives it back.
func (r *runner) lock() (unlock func()) {
	<-r.turn
	return func() { r.turn <- struct{}{} }
}

// Resume implements [saga.Runner]. It is outside every ambient transaction.
func (m *Manager) Resume(ctx context.Context, id string) (saga.Instance, error) {
	if err := begin(ctx, "resume", id); err != nil {
		return saga.Instance{}, err
	}
	return m.run(ctx, id, true)
}

func (m *Manager) run(ctx context.Context, id string, patient bool) (in saga.Instance, err error) {
	r := newRunner(m, id, patient)
	ctx = sqldb.Detach(ctx)
	lease, err := lock.TryAcquire(ctx, r, id, m.opts.Lease)
	switch {
	case errors.Is(err, errOver):
		return r.rec.instance(), r.verdict(r.rec)
	case errors.Is(err, lock.ErrHeld):
		return r.rec.instance(), saga.ErrBusy.Wrap(nil, "process: run %q", id)
	case err != nil:
		if r.rec != nil {
			in = r.rec.instance()
		}
		return in, wrap(err, "run", id)
	}
	keeping, stop := context.WithCancel(lease.Context())
	kept := make(chan struct{})
	go func() { // ends with stop
		defer close(kept)
		_ = lease.Keep(keeping) // it ends the lease's context, and the next write says what became of it
	}()
	defer func() { // and on runtime.Goexit
		stop()
		<-kept
		if failed := lease.Release(ctx); failed != nil {
			err = errors.Join(err, wrap(failed, "release", id))
		}
	}()
	err = r.loop(lease.Context())
	rec := r.snapshot()
	if err != nil {
		return rec.instance(), wrap(err, "run", id)
	}
	return rec.instance(), r.verdict(rec)
}

// verdict is the error of what the instance came to.
func (r *runner) verdict(rec *record) error {
	why := &failure{text: rec.Reason, err: r.failed}
	switch rec.Status {
	case saga.Compensated:
		return saga.ErrCompensated.Wrap(why, "process: %q", r.id)
	case saga.Failed:
		return saga.ErrFailed.Wrap(why, "process: %q", r.id)
	}
	return nil
}

// loop does what is to be done until there is nothing, or ctx ends.
func (r *runner) loop(ctx context.Context) error {
	settled := func(*record, time.Time) {}
	for {
		do, err := r.advance(ctx, settled)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil && do != ended: // after what was done is recorded
			return r.over(ctx)
		case do == ended:
			r.m.opts.Observer.Count(ctx, "saga.ended", 1, slog.String("saga", r.def.Name), slog.String("status", string(r.snapshot().Status)))
			return nil
		case do == pause:
			rec := r.snapshot()
			if rec.Owner == "" {
				return nil
			}
			wait := time.UnixMicro(rec.Hold).Sub(r.m.opts.Clock.Now())
			slept := sleep(ctx, wait) == nil
			settled = func(rec *record, _ time.Time) {
				if slept {
					rec.Hold = 0
				}
			}
		default:
			settled = r.call(ctx, do == undo)
		}
	}
}

// over is the error of a run whose context has ended.
func (r *runner) over(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, lock.ErrLost) {
		return cause
	}
	return saga.ErrLost.Wrap(context.Cause(ctx), "process: run %q", r.id)
}

// patience is how long a write is tried after ctx has ended.
const patience = 5 * time.Second

// advance records what settled makes of the instance, and what is next.
func (r *runner) advance(ctx context.Context, settled func(*record, time.Time)) (do todo, err error) {
	over := ctx.Err() != nil
	if over {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
	}
	defer r.lock()()
	err = r.write(ctx, func(rec *record) error {
		now := r.m.opts.Clock.Now()
		settled(rec, now)
		if over {
			rec.release()
			do = pause
			return nil
		}
		do = rec.next(r.def, now)
		if do == ended || do == pause && !(r.patient && rec.retrying()) {
			rec.release()
		}
		return nil
	})
	return do, err
}

// write has change made to the record, again if it has changed meanwhile, as
// long as the lease is this runner's. Its caller has the turn.
func (r *runner) write(ctx context.Context, change func(*record) error) error {
	for {
		next, err := r.swap(ctx, change)
		if err == nil {
			r.rec = next
			return nil
		}
		if !errors.Is(err, errChanged) {
			return err
		}
		if r.rec, err = r.m.book.get(ctx, r.id); err != nil {
			return err
		}
	}
}

// swap tries once, and leaves r as it is.
func (r *runner) swap(ctx context.Context, change func(*record) error) (*record, error) {
	if r.rec.Fence != r.fence {
		return nil, saga.ErrLost.Wrap(nil, "process: run %q", r.id)
	}
	next := r.rec.clone()
	if err := change(next); err != nil {
		return nil, err
	}
	next.Changed = r.m.opts.Clock.Now().UnixMicro()
	return next, r.m.book.swap(ctx, r.rec, next)
}

// call calls the step, and returns what records its outcome.
func (r *runner) call(ctx context.Context, undo bool) func(*record, time.Time) {
	rec := r.snapshot()
	step := &r.def.Steps[rec.At]
	ctx, end := r.m.opts.Observer.Start(r.m.opts.Observer.Extract(ctx, rec.Headers), "saga.step",
		slog.String("saga", rec.Saga), slog.String("instance", rec.ID), slog.String("step", step.Name), slog.Bool("undo", undo))
	if rec.Tenant != "" {
		ctx = tenancy.With(ctx, tenancy.ID(rec.Tenant))
	}
	var o outcome
	if step.Atomic {
		o = r.callAtomic(ctx, rec, step, undo)
	} else {
		o = r.callPlain(ctx, rec, step, undo)
	}
	end(o.err)
	if !undo && !o.stopped {
		r.failed = o.err
	}
	return func(rec *record, now time.Time) { rec.settle(r.def, o, now) }
}

// snapshot returns the record as it was last seen; it is not written into.
func (r *runner) snapshot() *record {
	defer r.lock()()
	return r.rec
}

// callPlain makes one call.
func (r *runner) callPlain(ctx context.Context, rec *record, step *saga.Step, undo bool) outcome {
	o := outcome{at: rec.At, attempt: rec.attempt(undo), undo: undo}
	c := rec.call(undo)
	if o.err = invoke(ctx, step, c, undo); o.err == nil {
		o.data = bytes.Clone(c.Data)
		return o
	}
	o.doubt = doubtful(o.err)
	o.stopped = o.doubt && ctx.Err() != nil
	o.again = worthwhile(step.Retry, o.err)
	o.after = backoff(step.Retry, o.attempt, o.err)
	return o
}

// invoke calls the step's function within its timeout.
func invoke(ctx context.Context, step *saga.Step, c *saga.Call, undo bool) error {
	fn := step.Do
	if undo {
		fn = step.Undo
	}
	if step.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, step.Timeout)
		defer cancel()
	}
	return errs.Catch(func() error { return fn(ctx, c) })
}

// errStale reports a record that no longer has the attempt open.
var errStale = errors.New("the attempt was recorded before")

// callAtomic makes one call in the transaction that records it. After it has
// committed the outcome is recorded already, and settles nothing more.
func (r *runner) callAtomic(ctx context.Context, rec *record, step *saga.Step, undo bool) outcome {
	defer r.lock()()
	var own error // of the step
	var next *record
	err := r.m.book.atomically(ctx, func(tx context.Context) error {
		c := rec.call(undo)
		if own = invoke(tx, step, c, undo); own != nil {
			return own
		}
		o := outcome{at: rec.At, attempt: rec.attempt(undo), undo: undo, data: bytes.Clone(c.Data)}
		return r.writeIn(tx, &next, func(rec *record) error {
			if !rec.settle(r.def, o, r.m.opts.Clock.Now()) {
				return errStale
			}
			return nil
		})
	})
	o := outcome{at: rec.At, attempt: rec.attempt(undo), undo: undo, err: err}
	switch {
	case err == nil:
		r.rec = next
	case own == nil && !errors.Is(err, saga.ErrLost): // of the transaction: what became of it is in the book
		if now, failed := r.m.book.get(context.WithoutCancel(ctx), r.id); failed == nil {
			r.rec = now
		}
	}
	o.stopped = err != nil && ctx.Err() != nil
	o.again = err != nil && worthwhile(step.Retry, err)
	o.after = backoff(step.Retry, o.attempt, err)
	return o
}

// writeIn is write in a transaction: r stays as it is until that has committed.
func (r *runner) writeIn(ctx context.Context, next **record, change func(*record) error) (err error) {
	before := r.rec
	defer func() { r.rec = before }()
	for {
		if *next, err = r.swap(ctx, change); !errors.Is(err, errChanged) {
			return err
		}
		if r.rec, err = r.m.book.get(ctx, r.id); err != nil {
			return err
		}
	}
}

func (r *record) attempt(undo bool) int {
	if undo {
		return r.Steps[r.At].Undos
	}
	return r.Steps[r.At].Attempts
}

// call returns what the step at At is called with.
func (r *record) call(undo bool) *saga.Call {
	s := &r.Steps[r.At]
	what := "/do"
	if undo {
		what = "/undo"
	}
	c := &saga.Call{
		ID: r.ID, Saga: r.Saga, Step: s.Name, Key: r.ID + "/" + s.Name + what,
		Attempt: r.attempt(undo), Data: bytes.Clone(r.Data),
	}
	if s.Event != nil {
		c.Event = *s.Event
	}
	return c
}
