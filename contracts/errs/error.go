package errs

import (
	"errors"
	"fmt"
	"strings"
)

// An Error is a sentinel of a contract. Values are immutable and safe for
// concurrent use; compare with [errors.Is], which also matches the family it
// was made from with [Error.Sub] and everything named by [Error.Also].
type Error struct {
	code, text, hint string
	kind             Kind
	is               []error // the parent first
}

// New returns a family's root sentinel. Its code is its identity, and unique in
// the program. The text is one line without a trailing period.
func New(code string, kind Kind, text string) *Error {
	return &Error{code: code, kind: kind, text: text}
}

// Sub returns a member of e's family: errors.Is(sub, e) holds. Its text begins with e's.
func (e *Error) Sub(code string, kind Kind, text string) *Error {
	return &Error{code: code, kind: kind, text: text, is: []error{e}}
}

// Also returns a copy that matches others too: a second family, or the
// standard library's sentinel of the same meaning, such as [fs.ErrNotExist].
func (e *Error) Also(others ...error) *Error {
	c := *e
	c.is = append(append([]error(nil), e.is...), others...)
	return &c
}

// WithHint returns a copy that tells a person what to change.
func (e *Error) WithHint(hint string) *Error {
	c := *e
	c.hint = hint
	return &c
}

// Error returns the sentinel's one line, such as "cache: miss".
func (e *Error) Error() string { return e.text }

// Code returns the stable code, such as "LEX_ERR_CACHE_002". No two sentinels share one.
func (e *Error) Code() string { return e.code }

// Kind returns what the sentinel was made with; see [KindOf] for an error's.
func (e *Error) Kind() Kind { return e.kind }

// Hint returns what a person should change, or "".
func (e *Error) Hint() string { return e.hint }

// Unwrap returns the family and what [Error.Also] added. The caller must not change it.
func (e *Error) Unwrap() []error { return e.is }

// Is reports whether target is this sentinel, or [errors.ErrUnsupported] if e is of that kind.
func (e *Error) Is(target error) bool {
	if t, ok := target.(*Error); ok {
		return t != nil && t.code == e.code && e.code != "" // without a code only the value itself is it
	}
	return e.kind == Unsupported && target == errors.ErrUnsupported
}

// Wrap returns an error that is e and cause, and reads, on one line, "op: cause", or "op"
// and what e adds to its family's text if cause is nil:
//
//	return cache.Err.Wrap(err, "cache: get %q", key)         // cache: get "user:7": redis: connection refused
//	return cache.ErrMiss.Wrap(nil, "cache: get %q", key)     // cache: get "user:7": miss
func (e *Error) Wrap(cause error, op string, args ...any) error {
	return &wrapped{op: fmt.Sprintf(op, args...), tree: [2]error{e, cause}}
}

type wrapped struct {
	op   string
	tree [2]error // sentinel, cause
}

func (w *wrapped) Error() string {
	if w.tree[1] != nil {
		return w.op + ": " + strings.ReplaceAll(w.tree[1].Error(), "\n", "; ") // of errors.Join
	}
	e := w.tree[0].(*Error)
	text := e.text
	if len(e.is) > 0 {
		text = strings.TrimPrefix(text, e.is[0].Error()+": ")
	}
	return w.op + ": " + text
}

func (w *wrapped) Unwrap() []error {
	if w.tree[1] == nil {
		return w.tree[:1]
	}
	return w.tree[:]
}
