package idempotency

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lock"
)

// What ends an attempt, beside a claim of its own.
var (
	errPending  = errors.New("pending")
	errComplete = errors.New("complete")
	errMismatch = errors.New("mismatch")
)

// An attempt is one call of Do. To package lock it is a store with one lease,
// which the claim is: waiting, renewing and losing it are written there.
type attempt struct {
	store  Store
	claim  Claim
	keep   time.Duration
	until  time.Time // when it waits no more
	stands Record    // what Acquire found
	ours   bool      // the claim may be pending
}

var _ lock.Store = (*attempt)(nil)

func (a *attempt) Acquire(ctx context.Context, _, owner string, ttl time.Duration) (fence uint64, err error) {
	a.claim.Token, a.ours = owner, true
	r, own, err := a.store.Acquire(ctx, a.claim, ttl)
	if err != nil || own {
		return 1, err
	}
	a.ours, a.stands = false, r
	switch {
	case r.Fingerprint != a.claim.Fingerprint:
		return 0, errMismatch
	case r.Status == Complete:
		return 0, errComplete
	case !time.Now().Before(a.until):
		return 0, errPending
	}
	return 0, lock.ErrHeld
}

func (a *attempt) Extend(ctx context.Context, _, _ string, ttl time.Duration) error {
	_, own, err := a.store.Acquire(ctx, a.claim, ttl)
	if err == nil && !own {
		err = lock.ErrLost.Wrap(nil, "idempotency: claim on %.40q", a.claim.Key)
	}
	return err
}

func (a *attempt) Release(ctx context.Context, _, _ string) error {
	if !a.ours {
		return nil
	}
	return a.store.Release(ctx, a.claim)
}

// run does the work under the claim, which l is, and keeps the result.
func (a *attempt) run(ctx context.Context, l *lock.Lease, fn func(context.Context, Claim) ([]byte, error)) (out Outcome, err error) {
	keeping, stop := context.WithCancel(l.Context())
	kept := make(chan struct{})
	go func() { // ends with stop
		defer close(kept)
		_ = l.Keep(keeping) // which cancels fn's context, and Complete says what became of the claim
	}()
	defer func() { // and on runtime.Goexit
		stop()
		<-kept
		if failed := l.Release(ctx); failed != nil {
			err = errors.Join(err, Err.Wrap(failed, "idempotency: release %.40q", a.claim.Key))
		}
	}()
	err = errs.Catch(func() (err error) {
		out.Result, err = fn(l.Context(), a.claim)
		return err
	})
	if err != nil {
		return Outcome{}, err
	}
	a.ours = false // done: nobody is invited to do it again before the claim ends
	return out, a.complete(ctx, out.Result)
}

// patience is how long complete tries.
const patience = 5 * time.Second

// complete keeps the result, also when ctx has ended. What failed for now is tried again.
func (a *attempt) complete(ctx context.Context, result []byte) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause *= 2 {
		err := a.store.Complete(ctx, a.claim, result, a.keep)
		if err == nil {
			return nil
		}
		kind := errs.KindOf(err)
		if errors.Is(err, ErrLost) || kind == errs.Invalid || kind == errs.Exhausted || !sleep(ctx, pause) {
			return ErrUnkept.Wrap(err, "idempotency: complete %.40q", a.claim.Key)
		}
	}
}

// sleep reports whether it slept for d, and false as soon as ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
