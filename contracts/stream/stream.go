// Package stream has what the standard library lacks for streams that can fail,
// which are iter.Seq2[T, error] everywhere in Lexigram: an error comes once and
// last, and whoever leaves the loop releases what the stream holds.
//
//	for user, err := range stream.Filter(users.All(ctx), User.Active) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// Every function here returns a stream that keeps both promises even if the one it is given
// breaks the first; reads only as far as it is read; starts no
// goroutine; and can be ranged over again if what it is given can. What ends
// early is up to the source: it has the context.
package stream

import (
	"iter"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of streams. [Err] is the family of both.
var (
	Err = errs.New("LEX_ERR_STREAM_001", errs.Unknown, "stream")
	// ErrEmpty reports that there is no first value.
	ErrEmpty = Err.Sub("LEX_ERR_STREAM_002", errs.NotFound, "stream: empty")
	// ErrSize reports chunks of less than one value.
	ErrSize = Err.Sub("LEX_ERR_STREAM_003", errs.Invalid, "stream: size of chunks is less than 1")
)

// Values returns the stream of seq's values, which does not fail; slices.Values
// makes a seq of a list.
func Values[T any](seq iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range seq {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Fail returns the stream that is only err.
func Fail[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// Map returns the stream of what f makes of each value. It ends with the
// stream's error, or the first of f.
func Map[T, U any](seq iter.Seq2[T, error], f func(T) (U, error)) iter.Seq2[U, error] {
	return func(yield func(U, error) bool) {
		for v, err := range seq {
			var u U
			if err == nil {
				u, err = f(v)
			}
			if err != nil {
				var zero U
				yield(zero, err)
				return
			}
			if !yield(u, nil) {
				return
			}
		}
	}
}

// Filter returns the stream of the values that keep holds for.
func Filter[T any](seq iter.Seq2[T, error], keep func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range seq {
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			if keep(v) && !yield(v, nil) {
				return
			}
		}
	}
}

// Take returns the stream of the first n values; none if n is not positive. It
// does not ask for the one after them, and so not for an error there.
func Take[T any](seq iter.Seq2[T, error], n int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if n <= 0 {
			return
		}
		left := n
		for v, err := range seq {
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			left--
			if !yield(v, nil) || left == 0 {
				return
			}
		}
	}
}

// Concat returns the stream of one stream after another. It ends with the first error.
func Concat[T any](seqs ...iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, seq := range seqs {
			for v, err := range seq {
				if err != nil {
					var zero T
					yield(zero, err)
					return
				}
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// Chunk returns the stream of lists of n values; the last one may have fewer. Before an
// error comes the list of what was left. Each list is the caller's. With n
// less than 1 it is only an error wrapping [ErrSize].
func Chunk[T any](seq iter.Seq2[T, error], n int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		if n < 1 {
			yield(nil, ErrSize.Wrap(nil, "stream: chunk of %d", n))
			return
		}
		var chunk []T
		for v, err := range seq {
			if err != nil {
				if len(chunk) == 0 || yield(chunk, nil) {
					yield(nil, err)
				}
				return
			}
			if chunk = append(chunk, v); len(chunk) == n {
				if !yield(chunk, nil) {
					return
				}
				chunk = nil
			}
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}

// Collect reads all values. With an error it returns those before it too, as io.ReadAll does.
func Collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for v, err := range seq {
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

// First returns the first value, the error that came instead, or [ErrEmpty].
func First[T any](seq iter.Seq2[T, error]) (T, error) {
	for v, err := range seq {
		if err != nil {
			var zero T
			return zero, err
		}
		return v, nil
	}
	var zero T
	return zero, ErrEmpty
}
