package resiliencetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

var policyRules = []rule[resilience.Policy]{
	{"a child of ctx", "Enter returns the context to make the call with, a child of ctx", checkChild},
	{"success", "Exit returns nil if err is nil", checkSuccess},
	{"the error is kept", "Exit returns err or an error that matches it", checkKept},
	{"nothing is kept", "A Policy admits each call and is told how it ended", checkLeak},
	{"exit after the end", "ctx may have ended when Exit is called", checkLateExit},
	{"a context that has ended", "A ctx that has ended is an error that matches its cause", checkPolicyEnded},
	{"concurrent use", "It is safe for concurrent use; Exit is called from any goroutine", checkPolicyConcurrent},
}

var retrierRules = []rule[resilience.Retrier]{
	{"giving up keeps the error", "Retry returns nil, or the error to give up with, which matches err", checkGivingUp},
	{"the caller's end", "The end of ctx ends the wait, and no attempt follows it", checkCallersEnd},
}

type ctxKey struct{}

// call makes one call that ends with err.
func call(ctx context.Context, p resilience.Policy, err error) (exit, refused error) {
	_, pass, refused := p.Enter(ctx)
	if refused != nil {
		return nil, refused
	}
	return p.Exit(ctx, pass, err), nil
}

func checkChild(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	cause := errors.New("the caller left")
	ctx, cancel := context.WithCancelCause(context.WithValue(ctx, ctxKey{}, "kept"))
	defer cancel(nil)
	run, pass, err := p.Enter(ctx)
	if err != nil {
		return err
	}
	switch {
	case run == nil:
		err = errors.New("Enter returns no context")
	case run.Value(ctxKey{}) != "kept":
		err = errors.New("the context of the call has lost a value of its parent")
	case run.Err() != nil:
		err = fmt.Errorf("the context of the call has ended before it began: %w", run.Err())
	default:
		cancel(cause)
		<-ctx.Done()
		if run.Err() == nil {
			err = errors.New("the context of the call goes on when its parent has ended")
		}
	}
	return errors.Join(err, p.Exit(ctx, pass, nil))
}

func checkSuccess(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	return errors.Join(call(ctx, p, nil))
}

func checkKept(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	failure := errors.New("the dependency failed")
	got, refused := call(ctx, p, failure)
	if refused == nil && !errors.Is(got, failure) {
		return fmt.Errorf("Exit with an error = %v, which does not match it", got)
	}
	return refused
}

func checkLeak(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	for i := range 2000 {
		if exit, refused := call(ctx, p, nil); exit != nil || refused != nil {
			return fmt.Errorf("call %d, the others have ended well: %w", i+1, errors.Join(exit, refused))
		}
	}
	return nil
}

func checkLateExit(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	for i := range 500 {
		ctx, cancel := context.WithCancel(ctx)
		_, pass, err := p.Enter(ctx)
		cancel()
		if err != nil {
			return fmt.Errorf("call %d, the contexts of the others ended before they did: %w", i+1, err)
		}
		if err := p.Exit(ctx, pass, ctx.Err()); !errors.Is(err, context.Canceled) {
			return fmt.Errorf("Exit with the context's error = %v", err)
		}
	}
	return errors.Join(call(ctx, p, nil))
}

func checkPolicyEnded(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	cause := errors.New("the caller left")
	gone, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	_, pass, err := p.Enter(gone)
	if err == nil {
		err = p.Exit(gone, pass, nil)
		return errors.Join(errors.New("Enter admits a call whose context has ended"), err)
	}
	if !errors.Is(err, cause) {
		return fmt.Errorf("Enter with a context that has ended = %v, want its cause", err)
	}
	return nil
}

func checkPolicyConcurrent(ctx context.Context, p resilience.Policy, _ time.Duration) error {
	const callers = 8
	failures := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			for range 100 {
				_, pass, err := p.Enter(ctx)
				if errors.Is(err, resilience.Err) {
					continue // it admits fewer at once
				}
				if err == nil {
					exited := make(chan error)
					go func() { exited <- p.Exit(ctx, pass, nil) }()
					err = <-exited
				}
				if err != nil {
					failures[i] = err
				}
			}
		})
	}
	wg.Wait()
	exit, refused := call(ctx, p, nil)
	return errors.Join(errors.Join(failures...), exit, refused)
}

func checkGivingUp(ctx context.Context, p resilience.Retrier, tick time.Duration) error {
	failure := errors.New("the dependency failed")
	for attempts := 1; attempts <= 20; attempts++ {
		ctx, cancel := context.WithTimeout(ctx, tick)
		err := p.Retry(ctx, attempts, failure)
		cancel()
		if err != nil && !errors.Is(err, failure) {
			return fmt.Errorf("Retry after attempt %d = %v, which does not match what failed", attempts, err)
		}
	}
	return nil
}

func checkCallersEnd(ctx context.Context, p resilience.Retrier, tick time.Duration) error {
	failure := errors.New("the dependency failed")
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.Retry(gone, 1, failure); !errors.Is(err, failure) {
		return fmt.Errorf("Retry with a context that has ended = %v, want what failed", err)
	}
	leaving, cancel := context.WithCancel(ctx)
	answered := make(chan error, 1)
	go func() { answered <- p.Retry(leaving, 1, failure) }()
	defer cancel()
	select {
	case <-answered: // it has no wait to end
		return nil
	case <-time.After(tick / 5):
		cancel()
	}
	select {
	case err := <-answered:
		if err == nil {
			return errors.New("Retry wants another attempt for a caller that left while it waited")
		}
		return nil
	case <-time.After(5 * tick):
		return errors.New("Retry still waits when its caller has left")
	}
}
