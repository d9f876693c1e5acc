// Package result carries a value or an error as one value: through a channel,
// or in a list of outcomes of a batch. A function returns (T, error) as ever.
//
//	outcomes := make(chan result.Result[int])
//	go func() { outcomes <- result.Of(strconv.Atoi(text)) }()
//	n, err := (<-outcomes).Get()
package result

import "github.com/lexigram/lexigram-go/contracts/errs"

// ErrNil is the error of [Err] of a nil error: a failure that was not given
// is still no value.
var ErrNil = errs.New("LEX_ERR_RESULT_001", errs.Internal, "result: Err of a nil error")

// A Result is a value or an error, never both. It does not change, and compares
// with == if T does. The zero value holds the zero T.
type Result[T any] struct {
	value T
	err   error
}

// Ok returns the result that holds v.
func Ok[T any](v T) Result[T] { return Result[T]{value: v} }

// Err returns the result that holds err; of nil, [ErrNil].
func Err[T any](err error) Result[T] {
	if err == nil {
		err = ErrNil
	}
	return Result[T]{err: err}
}

// Of returns the outcome of a call: the result that holds err, or v if err is nil.
func Of[T any](v T, err error) Result[T] {
	if err != nil {
		return Result[T]{err: err}
	}
	return Ok(v)
}

// Get returns the value and nil, or the zero T and the error.
func (r Result[T]) Get() (T, error) { return r.value, r.err }

// Err returns the error, nil if there is a value.
func (r Result[T]) Err() error { return r.err }

// Or returns the value, or other if there is an error.
func (r Result[T]) Or(other T) T {
	if r.err != nil {
		return other
	}
	return r.value
}

// Map returns the result of f for the value; an error stays as it is, and f is
// not called. A panic of f is the caller's.
func Map[T, U any](r Result[T], f func(T) U) Result[U] {
	if r.err != nil {
		return Result[U]{err: r.err}
	}
	return Ok(f(r.value))
}

// Then is [Map] for an f that can fail.
func Then[T, U any](r Result[T], f func(T) (U, error)) Result[U] {
	if r.err != nil {
		return Result[U]{err: r.err}
	}
	return Of(f(r.value))
}
