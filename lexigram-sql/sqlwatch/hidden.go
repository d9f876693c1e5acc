package sqlwatch

import (
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// hidden is an error whose text, which may hold values, is not shown.
type hidden struct{ error }

// hide returns err hidden, nil as it is.
func hide(err error) error {
	if err == nil {
		return nil
	}
	return hidden{err}
}

// Error returns the code of the sentinel that says most, and its meaning.
func (h hidden) Error() string {
	if e := sentinel(h.error); e != nil {
		return e.Code() + ": " + e.Error()
	}
	return "sql: " + errs.KindOf(h.error).String()
}

func (h hidden) Is(target error) bool { return errors.Is(h.error, target) }

// Unwrap returns the sentinel alone: it has the kind, and no value.
func (h hidden) Unwrap() error {
	if e := sentinel(h.error); e != nil {
		return e
	}
	return nil
}

// sentinel returns the first in err's tree that has a kind, or else the first, or nil.
func sentinel(err error) *errs.Error {
	e, _ := err.(*errs.Error)
	if e != nil && e.Kind() != errs.Unknown {
		return e
	}
	var tree []error
	switch u := err.(type) {
	case interface{ Unwrap() error }:
		tree = []error{u.Unwrap()}
	case interface{ Unwrap() []error }:
		tree = u.Unwrap()
	}
	for _, x := range tree {
		found := sentinel(x)
		if found != nil && found.Kind() != errs.Unknown {
			return found
		}
		if e == nil {
			e = found
		}
	}
	return e
}
