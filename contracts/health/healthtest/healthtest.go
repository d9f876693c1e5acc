// Package healthtest checks that a [health.Checker] keeps its contract.
//
// A component's whole conformance test is:
//
//	func TestHealth(t *testing.T) {
//		healthtest.Run(t, func(t *testing.T) health.Checker { return open(t) })
//	}
package healthtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
)

// Run checks every rule of [health.Checker], each on a checker of its own.
// newChecker returns the checker of a component that works, and registers its
// own cleanup on t.
func Run(t *testing.T, newChecker func(t *testing.T) health.Checker, opts ...Option) {
	t.Helper()
	o := options{tick: time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newChecker(t), o.tick); err != nil {
				t.Errorf("%v\nhealth.Checker: %s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the component; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

// Tick sets how long after its deadline a check may return, and how long one
// without trouble may take; 1 s by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(ctx context.Context, c health.Checker, tick time.Duration) error
}

var rules = []rule{
	{"a component that works is ready", "A Checker says how a component is", checkReady},
	{"deadline", "It returns by ctx's deadline", checkDeadline},
	{"no panic", "A Checker says how a component is, when ctx has ended too", checkEnded},
	{"no secrets", "Its texts hold no secret", checkSecrets},
	{"details are the caller's", "The caller owns Details", checkOwnership},
	{"no side effect", "[It] has no side effect", checkRepeated},
	{"concurrent use", "It is safe for concurrent use", checkConcurrent},
}

// ask calls the checker, and says when it did not return in time.
func ask(ctx context.Context, c health.Checker, within time.Duration) (health.Result, error) {
	type answer struct {
		result health.Result
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		var a answer
		a.err = errs.Catch(func() error { a.result = c.CheckHealth(ctx); return nil })
		answers <- a
	}()
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case a := <-answers:
		return a.result, a.err
	case <-late.C:
		return health.Result{}, fmt.Errorf("CheckHealth has not returned after %v", within)
	}
}

func checkReady(ctx context.Context, c health.Checker, tick time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, tick)
	defer cancel()
	r, err := ask(ctx, c, 2*tick)
	if err == nil && !r.Status.Ready() {
		err = fmt.Errorf("CheckHealth = %v %q, want a status that is ready", r.Status, r.Message)
	}
	return err
}

func checkDeadline(ctx context.Context, c health.Checker, tick time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, time.Nanosecond)
	defer cancel()
	_, err := ask(ctx, c, tick)
	if p, ok := errors.AsType[*errs.PanicError](err); ok && p != nil {
		return nil // another rule's
	}
	return err
}

func checkEnded(ctx context.Context, c health.Checker, tick time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	r, err := ask(ctx, c, tick)
	if p, ok := errors.AsType[*errs.PanicError](err); ok {
		return p
	}
	if err == nil && (r.Status == health.Unknown || r.Status > health.Unhealthy) {
		return fmt.Errorf("CheckHealth with an ended ctx = %v, want a status of one that was asked", r.Status)
	}
	return nil
}

func checkSecrets(ctx context.Context, c health.Checker, tick time.Duration) error {
	r, err := ask(ctx, c, tick)
	if err != nil {
		return err
	}
	if config.RedactText(r.Message) != r.Message {
		return errors.New("the message holds a password")
	}
	for k, v := range r.Details {
		if config.IsSecretKey(k) || config.RedactText(v) != v {
			return fmt.Errorf("the detail %q is a secret", k)
		}
	}
	return nil
}

func checkOwnership(ctx context.Context, c health.Checker, tick time.Duration) error {
	r, err := ask(ctx, c, tick)
	if err != nil {
		return err
	}
	const mine = "changed by the caller"
	for k := range r.Details {
		r.Details[k] = mine
	}
	if r, err = ask(ctx, c, tick); err != nil {
		return err
	}
	for k, v := range r.Details {
		if v == mine {
			return fmt.Errorf("the caller's change of detail %q shows in the next result", k)
		}
	}
	return nil
}

func checkRepeated(ctx context.Context, c health.Checker, tick time.Duration) error {
	first, err := ask(ctx, c, tick)
	if err != nil {
		return err
	}
	for i := range 10 {
		r, err := ask(ctx, c, tick)
		if err != nil {
			return err
		}
		if r.Status != first.Status {
			return fmt.Errorf("call %d = %v %q, the first one %v: asking changed something", i+2, r.Status, r.Message, first.Status)
		}
	}
	return nil
}

func checkConcurrent(ctx context.Context, c health.Checker, tick time.Duration) error {
	const callers = 8
	failures := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			r, err := ask(ctx, c, callers*tick)
			if err == nil && !r.Status.Ready() {
				err = fmt.Errorf("one of %d callers at once got %v %q", callers, r.Status, r.Message)
			}
			failures[i] = err
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}
