package errs

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// A Kind says what a caller can do about an error.
type Kind uint8

const (
	Unknown         Kind = iota // not classified
	Invalid                     // the input is wrong: trying again as it is cannot help
	NotFound                    // the thing named does not exist
	Conflict                    // it exists already, or changed since it was read: read again, then decide
	Denied                      // the principal is known and may not
	Unauthenticated             // the principal is not known
	Unavailable                 // a dependency cannot be reached, or lost a race: trying later may help
	Exhausted                   // a limit or quota is reached
	Timeout                     // a deadline passed before the outcome was known
	Canceled                    // the caller gave up
	Unsupported                 // this implementation cannot do it; matches [errors.ErrUnsupported]
	Internal                    // a defect of ours: a panic, a broken invariant
)

var kindNames = [...]string{
	"unknown", "invalid", "not found", "conflict", "denied", "unauthenticated",
	"unavailable", "exhausted", "timeout", "canceled", "unsupported", "internal",
}

// String returns the kind in lower-case words, such as "not found".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// KindOf returns the first kind other than [Unknown] in err's tree, and
// otherwise the kind that the standard library's own errors imply.
func KindOf(err error) Kind {
	if k := firstKind(err); k != Unknown {
		return k
	}
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.Canceled):
		return Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	case errors.Is(err, fs.ErrNotExist):
		return NotFound
	case errors.Is(err, fs.ErrExist):
		return Conflict
	case errors.Is(err, fs.ErrPermission):
		return Denied
	case errors.Is(err, errors.ErrUnsupported):
		return Unsupported
	}
	return Unknown
}

func firstKind(err error) Kind {
	if e, ok := err.(*Error); ok && e.kind != Unknown {
		return e.kind
	}
	switch u := err.(type) {
	case interface{ Unwrap() error }:
		return firstKind(u.Unwrap())
	case interface{ Unwrap() []error }:
		for _, x := range u.Unwrap() {
			if k := firstKind(x); k != Unknown {
				return k
			}
		}
	}
	return Unknown
}
