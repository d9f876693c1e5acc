package process

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// To package lock a runner is a store with one lease, on the record: keeping and
// losing it are written there.
var _ lock.Store = (*runner)(nil)

// errOver reports an instance of which there is nothing to run.
var errOver = errors.New("over")

// Acquire leases the record to owner.
func (r *runner) Acquire(ctx context.Context, _, owner string, ttl time.Duration) (uint64, error) {
	for {
		old, err := r.m.book.get(ctx, r.id)
		if err != nil {
			return 0, err
		}
		r.rec = old
		if err := r.admit(owner); err != nil {
			return 0, err
		}
		now := r.m.opts.Clock.Now()
		next := old.clone()
		next.Owner, next.Until, next.Fence = owner, now.Add(ttl).UnixMicro(), old.Fence+1
		if r.patient {
			next.revive()
		}
		err = r.m.book.swap(ctx, old, next)
		if errors.Is(err, errChanged) {
			continue
		} else if err != nil {
			return 0, err
		}
		r.rec, r.fence = next, next.Fence
		return next.Fence, nil
	}
}

// admit refuses to run what is over, is not known here, or is another's.
func (r *runner) admit(owner string) error {
	rec := r.rec
	if rec.Status.Final() && !(r.patient && rec.Status == saga.Failed) {
		return errOver
	}
	r.def = r.m.defs[kindOf(rec.Saga, rec.Version)]
	switch {
	case r.def == nil:
		return saga.ErrVersion.Wrap(nil, "process: run %q: saga %q has no version %d here", r.id, rec.Saga, rec.Version)
	case !rec.fits(r.def):
		return saga.ErrVersion.Wrap(nil, "process: run %q: saga %q has other steps in version %d: give what changed another version", r.id, rec.Saga, rec.Version)
	case rec.Owner != "" && rec.Owner != owner && r.m.opts.Clock.Now().UnixMicro() < rec.Until:
		return lock.ErrHeld
	}
	return nil
}

// Extend moves the end of the lease.
func (r *runner) Extend(ctx context.Context, _, _ string, ttl time.Duration) error {
	select {
	case <-r.turn:
		defer func() { r.turn <- struct{}{} }()
	case <-ctx.Done(): // an Atomic step takes its time
		return context.Cause(ctx)
	}
	err := r.write(ctx, func(rec *record) error {
		rec.Until = r.m.opts.Clock.Now().Add(ttl).UnixMicro()
		return nil
	})
	if errors.Is(err, saga.ErrLost) {
		return lock.ErrLost.Wrap(err, "process: extend the lease on %q", r.id)
	}
	return err
}

// Release ends the lease, if the last write did not.
func (r *runner) Release(ctx context.Context, _, _ string) error {
	defer r.lock()()
	if r.fence == 0 || r.rec.Owner == "" {
		return nil
	}
	err := r.write(ctx, func(rec *record) error { rec.release(); return nil })
	if errors.Is(err, saga.ErrLost) {
		return nil
	}
	return err
}

func (r *record) release() { r.Owner, r.Until = "", 0 }
