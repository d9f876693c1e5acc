package idempotency

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// Defaults of [Do].
const (
	DefaultLease = 30 * time.Second
	DefaultKeep  = 24 * time.Hour
)

// An Option changes how one call of [Do] behaves.
type Option func(*options)

type options struct {
	lease, keep, wait time.Duration
}

// Lease sets how long a claim outlives a process that died, at least a
// millisecond; [DefaultLease] otherwise. It is no limit of the work: Do renews it.
func Lease(d time.Duration) Option { return func(o *options) { o.lease = d } }

// Keep sets how long the result is kept, at least a millisecond; [DefaultKeep] otherwise.
func Keep(d time.Duration) Option { return func(o *options) { o.keep = d } }

// Wait has callers wait for the one whose claim is pending, for about limit at
// most and until their ctx ends, where they otherwise get a [*PendingError] at
// once. Zero and less is not to wait.
func Wait(limit time.Duration) Option { return func(o *options) { o.wait = limit } }

// A PendingError reports that another does the work right now. It matches [ErrPending].
type PendingError struct {
	Key   string
	After time.Duration // when to ask again: as long as the work has taken already, 1 to 30 s
}

// Error returns one line.
func (e *PendingError) Error() string {
	return fmt.Sprintf("idempotency: %.40q is in flight, try again in %v", e.Key, e.After)
}

// RetryAfter returns After; resilience.RetryAfter finds it.
func (e *PendingError) RetryAfter() time.Duration { return e.After }

// Unwrap returns [ErrPending].
func (e *PendingError) Unwrap() error { return ErrPending }

// An Outcome is what [Do] returns.
type Outcome struct {
	Result   []byte // of fn, now or then
	Replayed bool   // then: fn did not run
}

// Do runs fn unless its work was done before, and returns the result: fn's, which
// it keeps, or the one that was kept. If key was used with another fingerprint
// the error wraps [ErrMismatch]; if another does the work right now it is a
// [*PendingError], or wraps [ErrPending] and the cause of ctx if that ended a
// [Wait]. Keys are the caller's to scope, by tenant and user.
//
// fn's ctx is a child of ctx, and ends with cause [lock.ErrLost] when the claim
// is lost. fn may complete the claim itself, last in the transaction of its
// effect, with the result that it returns. If fn returns an error or panics, the
// claim is released and nothing kept: the next caller's fn runs. The error is
// fn's, an errs.PanicError if it panicked.
//
// If fn is done and its result could not be kept, Do returns the result and an
// error wrapping [ErrUnkept], and [ErrLost] if the claim was lost: another may
// have done the work as well. Do keeps the result also when ctx has ended.
func Do(ctx context.Context, s Store, key, fingerprint string, fn func(ctx context.Context, c Claim) ([]byte, error), opts ...Option) (Outcome, error) {
	o := options{lease: DefaultLease, keep: DefaultKeep}
	for _, opt := range opts {
		opt(&o)
	}
	if err := CheckTTL(min(o.lease, o.keep)); err != nil {
		return Outcome{}, err
	}
	a := &attempt{store: s, claim: Claim{Key: key, Fingerprint: fingerprint}, keep: o.keep, until: time.Now().Add(o.wait)}
	l, err := lock.Acquire(ctx, a, key, o.lease)
	switch {
	case err == nil:
		return a.run(ctx, l, fn)
	case errors.Is(err, errMismatch):
		return Outcome{}, ErrMismatch.Wrap(nil, "idempotency: %.40q", key)
	case errors.Is(err, errComplete):
		return Outcome{Result: a.stands.Result, Replayed: true}, nil
	case errors.Is(err, lock.ErrHeld): // and ctx has ended
		return Outcome{}, ErrPending.Wrap(context.Cause(ctx), "idempotency: wait for %.40q", key)
	case errors.Is(err, errPending):
		age := time.Since(a.stands.CreatedAt).Round(time.Second)
		return Outcome{}, &PendingError{Key: key, After: min(max(age, time.Second), 30*time.Second)}
	case errors.Is(err, lock.ErrName):
		return Outcome{}, CheckKey(key)
	}
	return Outcome{}, Err.Wrap(err, "idempotency: claim %.40q", key)
}
