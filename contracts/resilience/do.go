package resilience

import (
	"context"
	"errors"
	"runtime/debug"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// An Option changes how one operation runs. Make it with [Fallback] or [Release].
type Option[T any] struct {
	fallback func(context.Context, error) (T, error)
	release  func(T)
}

// Fallback gives an operation that failed, for whatever reason, another way to
// succeed: fn is called once, with the caller's context and the last error, after all
// retries. It may return that error as it is; another one is wrapped with it, and matches
// [ErrFallback] and both. Of several fallbacks each has its turn until one succeeds.
func Fallback[T any](fn func(ctx context.Context, err error) (T, error)) Option[T] {
	return Option[T]{fallback: fn}
}

// Release gives [DoHedged] a way to free the results that it does not return.
// fn is called for each one, from any goroutine, perhaps after DoHedged has returned.
func Release[T any](fn func(T)) Option[T] { return Option[T]{release: fn} }

// Do calls fn under p and returns its result. If p is a [Retrier], it may call
// fn several times, never two at once. The context that fn is given ends when it
// returns: what it returns must not need it. Do returns when fn has: a call that
// ignores the end of its context is waited for. A nil p makes one call.
//
// A panic of fn is an [*errs.PanicError], retried and counted as every other failure.
// runtime.Goexit is a failure for p and goes on; nothing is retried.
//
// With an error the result is what the last call of fn returned, and the zero
// value if p refused it. Do allocates nothing of its own.
func Do[T any](ctx context.Context, p Policy, fn func(context.Context) (T, error), opts ...Option[T]) (T, error) {
	for attempts := 1; ; attempts++ {
		v, err := attempt(ctx, p, fn)
		if err == nil {
			return v, nil
		}
		if err = again(ctx, p, attempts, err); err != nil {
			return fallback(ctx, v, err, opts)
		}
	}
}

// Run is [Do] for an operation without a result.
func Run(ctx context.Context, p Policy, fn func(context.Context) error) error {
	_, err := Do(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

// attempt makes one call of fn.
func attempt[T any](ctx context.Context, p Policy, fn func(context.Context) (T, error)) (v T, err error) {
	run, pass := ctx, Pass{}
	if p != nil {
		if run, pass, err = p.Enter(ctx); err != nil {
			return v, err
		}
	}
	returned := false
	defer func() {
		if !returned {
			err = caught(recover())
		}
		if p != nil {
			err = p.Exit(ctx, pass, err)
		}
	}()
	v, err = fn(run)
	returned = true
	return v, err
}

// caught is the error of a call that did not return.
func caught(panicked any) error {
	if panicked == nil {
		return ErrGoexit
	}
	return &errs.PanicError{Value: panicked, Stack: debug.Stack()}
}

// again returns nil if p wants another attempt.
func again(ctx context.Context, p Policy, attempts int, err error) error {
	if r, ok := p.(Retrier); ok {
		return r.Retry(ctx, attempts, err)
	}
	return err
}

// fallback is the end of an operation that failed.
func fallback[T any](ctx context.Context, v T, err error, opts []Option[T]) (T, error) {
	for _, o := range opts {
		if o.fallback == nil {
			continue
		}
		var other error
		v, other = instead(ctx, err, o.fallback)
		if other != nil && !errors.Is(other, err) {
			other = ErrFallback.Wrap(errors.Join(other, err), "resilience: fallback")
		}
		if err = other; err == nil {
			break
		}
	}
	return v, err
}

func instead[T any](ctx context.Context, err error, fn func(context.Context, error) (T, error)) (v T, _ error) {
	failure := errs.Catch(func() (other error) {
		v, other = fn(ctx, err)
		return other
	})
	return v, failure
}
