package resilience

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DoHedged is [Do] for an operation that may run several times at once without
// harm, such as a read: if p is a [Hedger], a call that is slow is made again
// while it runs, and each call passes p. The first success is the result; the
// contexts of all calls end, and what the others still return goes to [Release].
// If all fail, the error is that of the first call, and each may be retried as
// one attempt. A further call that p refuses does not end those that run.
//
// DoHedged does not wait for the calls that lost: each runs in a goroutine until
// fn returns, which an fn that heeds its context does at once. When ctx ends,
// DoHedged returns an error that matches its cause, and all calls have lost. A panic of p
// is an [*errs.PanicError] here, and that of the caller in Do.
func DoHedged[T any](ctx context.Context, p Policy, fn func(context.Context) (T, error), opts ...Option[T]) (T, error) {
	h, ok := p.(Hedger)
	if !ok {
		return Do(ctx, p, fn, opts...)
	}
	after, calls := h.Hedge()
	if calls < 2 {
		return Do(ctx, p, fn, opts...)
	}
	for attempts := 1; ; attempts++ {
		v, err := race(ctx, p, fn, after, calls, opts)
		if err == nil {
			return v, nil
		}
		if err = again(ctx, p, attempts, err); err != nil {
			return fallback(ctx, v, err, opts)
		}
	}
}

// An outcome is how one of several calls ended.
type outcome[T any] struct {
	call  int
	value T
	err   error
}

// A contest is the calls of one attempt.
type contest[T any] struct {
	policy Policy
	fn     func(context.Context) (T, error)
	opts   []Option[T]
	over   atomic.Bool // somebody won, or nobody waits
	ended  chan outcome[T]
}

// race makes calls until one succeeds, all have failed, or ctx ends.
func race[T any](ctx context.Context, p Policy, fn func(context.Context) (T, error), after time.Duration, calls int, opts []Option[T]) (T, error) {
	run, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &contest[T]{policy: p, fn: fn, opts: opts, ended: make(chan outcome[T], calls)}
	first := outcome[T]{call: calls}
	next := time.NewTimer(after)
	defer next.Stop()
	go c.run(run, 0)
	for begun, running := 1, 1; running > 0; {
		select {
		case <-ctx.Done():
			if c.over.CompareAndSwap(false, true) {
				return first.value, Err.Wrap(context.Cause(ctx), "resilience: hedged call")
			}
			return c.winner(), nil
		case o := <-c.ended:
			if o.err == nil {
				return o.value, nil
			}
			if running--; o.call < first.call {
				first = o
			}
		case <-next.C:
			if begun < calls {
				go c.run(run, begun)
				begun, running = begun+1, running+1
				next.Reset(after)
			}
		}
	}
	return first.value, first.err
}

// winner returns the result of the call that has won already.
func (c *contest[T]) winner() T {
	for {
		if o := <-c.ended; o.err == nil {
			return o.value
		}
	}
}

// run makes one call. Of several that succeed, the first alone is heard of.
func (c *contest[T]) run(ctx context.Context, call int) {
	o := outcome[T]{call: call, err: ErrGoexit}
	defer func() {
		if o.err != nil || c.over.CompareAndSwap(false, true) {
			c.ended <- o
			return
		}
		for _, opt := range c.opts {
			if opt.release != nil {
				opt.release(o.value)
			}
		}
	}()
	o.err = errs.Catch(func() (err error) { // p's too: nobody else can, in this goroutine
		o.value, err = attempt(ctx, c.policy, c.fn)
		return err
	})
}
