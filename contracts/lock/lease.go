package lock

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A Lease is the right to act on a name until it ends. It is safe for
// concurrent use. It holds a timer and no goroutine; who has one releases it.
type Lease struct {
	store       Store
	name, owner string
	fence       uint64
	ctx         context.Context // ends with the lease
	cancel      context.CancelCauseFunc
	turn        chan struct{} // has one value: Extends run one after another

	mu    sync.Mutex
	ttl   time.Duration // as last asked for
	until time.Time     // when timer cancels ctx
	timer *time.Timer
}

// safe is the part of a ttl that its owner may count on: what is left covers
// the difference in the rates of two clocks.
func safe(ttl time.Duration) time.Duration { return ttl / 10 * 9 }

// newLease is called right after the store granted what was asked for at began.
func newLease(ctx context.Context, s Store, name, owner string, fence uint64, ttl time.Duration, began time.Time) *Lease {
	l := &Lease{store: s, name: name, owner: owner, fence: fence, ttl: ttl, until: began.Add(safe(ttl)), turn: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	l.turn <- struct{}{}
	l.mu.Lock() // the timer may fire before it is assigned
	defer l.mu.Unlock()
	l.timer = time.AfterFunc(time.Until(l.until), l.timeUp)
	return l
}

// Name returns what the lease is on.
func (l *Lease) Name() string { return l.name }

// Fence returns the lease's number; see [Store].
func (l *Lease) Fence() uint64 { return l.fence }

// Context returns a child of the context that the lease was acquired with. It
// is cancelled with cause [ErrLost] at 9/10 of the ttl since the request that
// won or last extended the lease was sent, by this process's monotonic clock;
// with [ErrLost] as soon as Extend learns of the loss; and with cause [ErrReleased] by Release.
func (l *Lease) Context() context.Context { return l.ctx }

// Extend makes the lease end ttl from now, or returns an error wrapping
// [ErrLost]; so it does once Context has ended, whatever the store says. After another
// error the lease lasts until the sooner of its old and its new end, as far as Context knows.
func (l *Lease) Extend(ctx context.Context, ttl time.Duration) error {
	if err := CheckTTL(ttl); err != nil {
		return err
	}
	select {
	case <-l.turn:
		defer func() { l.turn <- struct{}{} }()
	case <-ctx.Done():
		return Err.Wrap(context.Cause(ctx), "lock: extend %.40q", l.name)
	}
	until := time.Now().Add(safe(ttl))
	if !l.setEnd(until, ttl, true) {
		return l.gone("extend")
	}
	err := l.store.Extend(ctx, l.name, l.owner, ttl)
	switch {
	case errors.Is(err, ErrLost):
		l.end(err)
		return err
	case err != nil:
		return err
	case !l.setEnd(until, ttl, false):
		return l.gone("extend")
	}
	return nil
}

// setEnd moves the end of the lease, sooner only if it says so, and reports whether it is live.
func (l *Lease) setEnd(until time.Time, ttl time.Duration, sooner bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx.Err() != nil || !time.Now().Before(l.until) {
		return false
	}
	if !sooner {
		l.ttl = ttl
	} else if !until.Before(l.until) {
		return true
	}
	l.until = until
	l.timer.Reset(time.Until(until))
	return true
}

// timeUp is called by the timer, perhaps late: Extend may just have moved the end.
func (l *Lease) timeUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !time.Now().Before(l.until) {
		l.cancel(ErrLost.Wrap(nil, "lock: lease on %.40q", l.name))
	}
}

// end cancels Context, if it has not ended yet, and stops the timer.
func (l *Lease) end(cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer.Stop()
	l.cancel(cause)
}

// gone is the error of what came too late.
func (l *Lease) gone(op string) error {
	if l.ctx.Err() == nil {
		l.end(ErrLost.Wrap(nil, "lock: lease on %.40q", l.name)) // the timer is late
	}
	return ErrLost.Wrap(context.Cause(l.ctx), "lock: %s %.40q", op, l.name)
}

// lost returns why the lease was lost, nil if it is held, was released, or ended with its parent context.
func (l *Lease) lost() error {
	if cause := context.Cause(l.ctx); errors.Is(cause, ErrLost) {
		return cause
	}
	return nil
}

// Release ends the lease; its context ends first. Releasing one that has ended
// is no error and never ends another owner's. It works when ctx has ended: it then
// takes up to a second of its own. If it returns an error, the name may stay
// taken until the ttl has passed; calling it again tries again.
func (l *Lease) Release(ctx context.Context) error {
	l.end(ErrReleased)
	return release(ctx, l.store, l.name, l.owner)
}

func release(ctx context.Context, s Store, name, owner string) error {
	if ctx.Err() == nil {
		if err := s.Release(ctx, name, owner); err == nil || ctx.Err() == nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return s.Release(ctx, name, owner)
}

// Keep extends the lease by its ttl, every third of it, until ctx or Context
// ends. A failing store is asked again until the lease runs out. It returns nil,
// or an error wrapping [ErrLost] if the lease was lost. It blocks: run it
// beside the work, and wait for it.
func (l *Lease) Keep(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	l.mu.Lock()
	ttl := l.ttl
	l.mu.Unlock()
	pause := time.NewTimer(ttl / 3)
	defer pause.Stop()
	var failed error // of the last try, if it failed
	for {
		select {
		case <-ctx.Done():
			if err := l.lost(); err == nil || failed == nil {
				return err
			}
			return ErrLost.Wrap(failed, "lock: keep %.40q", l.name)
		case <-pause.C:
		}
		err := l.extendWithin(ctx, ttl/3, ttl)
		switch {
		case err == nil:
			failed = nil
			pause.Reset(ttl / 3)
		case failed == nil || ctx.Err() == nil:
			failed = err
			pause.Reset(ttl / 20)
		}
	}
}

func (l *Lease) extendWithin(ctx context.Context, patience, ttl time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.Extend(ctx, ttl)
}
