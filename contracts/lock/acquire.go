package lock

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultPoll is the longest pause between two tries of [Acquire] if [Poll] names none.
const DefaultPoll = 500 * time.Millisecond

// An Option changes how one lease is acquired.
type Option func(*options)

type options struct {
	label string
	poll  time.Duration
}

// Owner puts label, such as the name of a process, before the random text that
// tells leases apart: people see it in [Info]. It has at most 900 bytes.
func Owner(label string) Option { return func(o *options) { o.label = label } }

// Poll sets the longest pause between two tries of [Acquire], at least a
// millisecond; [DefaultPoll] otherwise. Pauses begin at 10 ms, double, and are
// drawn at random from their upper half. A [Waiter] is given five times the
// longest: what it misses costs no more.
func Poll(longest time.Duration) Option { return func(o *options) { o.poll = longest } }

func newOptions(opts []Option) (options, error) {
	o := options{poll: DefaultPoll}
	for _, opt := range opts {
		opt(&o)
	}
	switch {
	case len(o.label) > 900:
		return o, ErrName.Wrap(nil, "lock: owner %.40q is longer than 900 bytes", o.label)
	case o.poll < time.Millisecond:
		return o, ErrTTL.Wrap(nil, "lock: poll %v", o.poll)
	}
	return o, nil
}

// TryAcquire returns a lease on name that ends ttl from now unless it is
// extended, or an error wrapping [ErrHeld]; it waits for no other owner. After
// an error that leaves it open whether the lease was granted, it asks s to release it,
// also when ctx has ended. The caller releases the lease.
func TryAcquire(ctx context.Context, s Store, name string, ttl time.Duration, opts ...Option) (*Lease, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	return o.try(ctx, s, name, ttl)
}

func (o *options) try(ctx context.Context, s Store, name string, ttl time.Duration) (*Lease, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	if err := CheckTTL(ttl); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, Err.Wrap(context.Cause(ctx), "lock: acquire %.40q", name)
	}
	owner := rand.Text()
	if o.label != "" {
		owner = o.label + "/" + owner
	}
	began := time.Now()
	fence, err := s.Acquire(ctx, name, owner, ttl)
	switch {
	case errors.Is(err, ErrHeld), errors.Is(err, ErrFull):
		return nil, err
	case err == nil && time.Since(began) < safe(ttl):
		return newLease(ctx, s, name, owner, fence, ttl, began), nil
	case err == nil:
		err = ErrLost.Wrap(nil, "lock: acquire %.40q took %v of a ttl of %v", name, time.Since(began), ttl)
	}
	if failed := release(ctx, s, name, owner); failed != nil {
		return nil, Err.Wrap(errors.Join(err, failed), "lock: acquire %.40q", name)
	}
	return nil, err
}

// Acquire returns a lease on name that ends ttl from now unless it is extended.
// It waits while others hold the name, until ctx ends: the error then wraps [ErrHeld] and
// the cause of ctx. Nobody is served in the order they came. ttl is never a
// limit of the wait. Other errors are those of [TryAcquire]. The caller releases the lease.
func Acquire(ctx context.Context, s Store, name string, ttl time.Duration, opts ...Option) (*Lease, error) {
	o, err := newOptions(opts)
	if err != nil {
		return nil, err
	}
	for pause := min(10*time.Millisecond, o.poll); ; pause = min(2*pause, o.poll) {
		l, err := o.try(ctx, s, name, ttl)
		if !errors.Is(err, ErrHeld) {
			return l, err
		}
		if o.wait(ctx, s, name, pause); ctx.Err() != nil {
			return nil, ErrHeld.Wrap(context.Cause(ctx), "lock: wait for %.40q", name)
		}
	}
}

// wait returns when it is time to try again, or when ctx has ended.
func (o *options) wait(ctx context.Context, s Store, name string, pause time.Duration) {
	if w, ok := s.(Waiter); ok {
		bounded, cancel := context.WithTimeout(ctx, 5*o.poll)
		defer cancel()
		if err := w.Wait(bounded, name); err == nil || bounded.Err() != nil {
			return
		} // it cannot tell, so ask
	}
	t := time.NewTimer(pause/2 + mathrand.N(pause/2+1))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// With runs fn under a lease on name, which it waits for as [Acquire] does,
// keeps as [Lease.Keep] does, and releases when fn returns or panics. fn's ctx
// is the lease's and ends when the lease is lost; fence is the lease's.
//
// The error is fn's, an [*errs.PanicError] if it panicked. If the lease was lost
// before fn returned, it wraps [ErrLost] too, even if fn returned nil: part of
// what fn did was not under the lock. If fn is done and the lease could not be
// released, it wraps [ErrRelease].
func With(ctx context.Context, s Store, name string, ttl time.Duration, fn func(ctx context.Context, fence uint64) error, opts ...Option) (err error) {
	l, err := Acquire(ctx, s, name, ttl, opts...)
	if err != nil {
		return err
	}
	keeping, stop := context.WithCancel(l.Context())
	kept := make(chan error, 1)
	go func() { kept <- l.Keep(keeping) }() // ends with stop
	defer func() {                          // and on runtime.Goexit
		lost := l.lost() // before fn returned
		stop()
		if keep := <-kept; lost != nil && keep != nil {
			lost = keep // it knows more
		}
		if lost != nil && err == nil {
			err = lost
		} else if lost != nil && !errors.Is(err, ErrLost) {
			err = ErrLost.Wrap(err, "lock: with %.40q", name)
		}
		if failed := l.Release(ctx); failed != nil {
			err = errors.Join(err, ErrRelease.Wrap(failed, "lock: release %.40q", name))
		}
	}()
	return errs.Catch(func() error { return fn(l.Context(), l.Fence()) })
}
