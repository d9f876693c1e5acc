// Package mapping is the contract between code that turns one type into another
// (a row into an entity, an entity into what an API answers) and the place that
// keeps the functions which do it.
//
//	err := mapping.Register(m, func(u User) (UserAnswer, error) { … })
//	answer, err := mapping.Map[UserAnswer](m, user)
package mapping

import (
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of mapping. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_MAP_001", errs.Unknown, "mapping")
	// ErrDuplicate reports a pair that has a function already.
	ErrDuplicate = Err.Sub("LEX_ERR_MAP_002", errs.Conflict, "mapping: the pair is registered already")
	// ErrNotFound reports a pair without a function, which is a defect of the program.
	ErrNotFound = Err.Sub("LEX_ERR_MAP_003", errs.Internal, "mapping: no function is registered for the pair")
	// ErrFailed reports that the function failed or panicked; the error is its cause, and has the kind of it.
	ErrFailed = Err.Sub("LEX_ERR_MAP_004", errs.Unknown, "mapping: failed")
)

// A Pair is what a function maps, and to what. Types are the same or they are
// not: a pointer is not what it points to, and nothing is inherited.
type Pair struct{ From, To reflect.Type }

// String returns the types with an arrow between them.
func (p Pair) String() string { return fmt.Sprintf("%v → %v", p.From, p.To) }

// A Mapper keeps functions by pair. It is safe for concurrent use and does no
// I/O. Use [Register], [Map] and their like, which know the types.
type Mapper interface {
	// Add keeps f for the pair, or returns an error wrapping [ErrDuplicate] and keeps the one it has.
	Add(p Pair, f any) error
	// Find returns what was added for this very pair, or an error wrapping [ErrNotFound].
	Find(p Pair) (f any, err error)
}

// function is how functions are kept, and how [Map] sees them, whatever S is.
type function[S, D any] func(S) (D, error)

func (f function[S, D]) mapAny(src any) (D, error) { return f(src.(S)) }

// Register adds f for the types S and D. A pair that has a function is an error
// wrapping [ErrDuplicate]; a nil f, and an S that is an interface, which no value is of, one
// wrapping [Err].
func Register[S, D any](m Mapper, f func(S) (D, error)) error {
	p := Pair{reflect.TypeFor[S](), reflect.TypeFor[D]()}
	if f == nil {
		return Err.Wrap(errors.New("the function is nil"), "mapping: register %v", p)
	}
	if p.From.Kind() == reflect.Interface {
		return Err.Wrap(fmt.Errorf("%v is an interface: register the types that implement it", p.From), "mapping: register %v", p)
	}
	return m.Add(p, function[S, D](f))
}

// Map returns what the function for src's own type and D makes of src. Without
// one it returns an error wrapping [ErrNotFound]; when the function fails or panics, one wrapping [ErrFailed];
// both with the zero D.
func Map[D any](m Mapper, src any) (D, error) {
	var zero D
	p := Pair{reflect.TypeOf(src), reflect.TypeFor[D]()}
	found, err := m.Find(p)
	if err != nil {
		return zero, err
	}
	f, ok := found.(interface{ mapAny(src any) (D, error) })
	if !ok {
		return zero, foreign(p, found)
	}
	d, err := call(f.mapAny, src)
	if err != nil {
		return zero, ErrFailed.Wrap(err, "mapping: %v", p)
	}
	return d, nil
}

// MapAll maps a list, looking for the function once. The first error ends it, names the
// index, and comes with no list. Its errors are those of [Map]; an empty list has none.
func MapAll[D, S any](m Mapper, list []S) ([]D, error) {
	if len(list) == 0 {
		return []D{}, nil
	}
	f, p, err := find[S, D](m)
	if err != nil {
		return nil, err
	}
	out := make([]D, len(list))
	for i, s := range list {
		if out[i], err = call(f, s); err != nil {
			return nil, ErrFailed.Wrap(err, "mapping: %v: index %d", p, i)
		}
	}
	return out, nil
}

// MapStream maps a stream, looking for the function once. It ends with the stream's error or
// the first of its own, which are those of [Map].
func MapStream[D, S any](m Mapper, seq iter.Seq2[S, error]) iter.Seq2[D, error] {
	return func(yield func(D, error) bool) {
		var zero D
		f, p, err := find[S, D](m)
		if err != nil {
			yield(zero, err)
			return
		}
		for s, err := range seq {
			if err != nil {
				yield(zero, err)
				return
			}
			d, err := call(f, s)
			if err != nil {
				yield(zero, ErrFailed.Wrap(err, "mapping: %v", p))
				return
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}

func find[S, D any](m Mapper) (func(S) (D, error), Pair, error) {
	p := Pair{reflect.TypeFor[S](), reflect.TypeFor[D]()}
	found, err := m.Find(p)
	if err != nil {
		return nil, p, err
	}
	f, ok := found.(function[S, D])
	if !ok {
		return nil, p, foreign(p, found)
	}
	return f, p, nil
}

// foreign is for a Mapper that returns what Register did not add.
func foreign(p Pair, found any) error {
	return Err.Wrap(fmt.Errorf("the mapper returned a %T: add functions with mapping.Register", found), "mapping: %v", p)
}

func call[S, D any](f func(S) (D, error), src S) (d D, err error) {
	err = errs.Catch(func() (err error) {
		d, err = f(src)
		return err
	})
	if err != nil {
		var zero D
		return zero, err
	}
	return d, nil
}
