package errs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

var (
	family = errs.New("C1", errs.Unknown, "cache")
	miss   = family.Sub("C2", errs.NotFound, "cache: miss").Also(fs.ErrNotExist)
)

func TestWrapText(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{family.Wrap(errors.New("redis: connection refused"), "cache: get %q", "user:7"), `cache: get "user:7": redis: connection refused`},
		{miss.Wrap(nil, "cache: get %q", "user:7"), `cache: get "user:7": miss`},
		{family.Wrap(nil, "cache: get"), "cache: get: cache"},
		{family.Wrap(errors.Join(errors.New("write: full"), errors.New("close: full")), "cache: set"), "cache: set: write: full; close: full"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestWrapIs(t *testing.T) {
	cause := errors.New("cause")
	err := miss.Wrap(cause, "get")
	for _, want := range []error{miss, family, fs.ErrNotExist, cause} {
		if !errors.Is(err, want) {
			t.Errorf("%v is not %v", err, want)
		}
	}
	if errors.Is(family.Wrap(cause, "get"), miss) {
		t.Error("a family's error matches a member")
	}
	if a, b := errs.New("", errs.Invalid, "a"), errs.New("", errs.Invalid, "b"); errors.Is(a, b) || !errors.Is(a, a) {
		t.Error("two sentinels without a code match each other, or one does not match itself")
	}
	if errors.Is(miss, (*errs.Error)(nil)) {
		t.Error("a sentinel matches a nil one")
	}
	if !errors.Is(miss.WithHint("h"), miss) || miss.WithHint("h").Hint() != "h" || miss.Hint() != "" {
		t.Error("WithHint is not a copy that matches its original")
	}
}

func TestKindOf(t *testing.T) {
	for _, c := range []struct {
		err  error
		want errs.Kind
	}{
		{nil, errs.Unknown},
		{errors.New("x"), errs.Unknown},
		{miss.Wrap(nil, "get"), errs.NotFound},
		{family.Wrap(context.DeadlineExceeded, "x"), errs.Timeout},
		{family.Wrap(os.ErrDeadlineExceeded, "x"), errs.Timeout},
		{context.Canceled, errs.Canceled},
		{fmt.Errorf("%w: %w", family, errs.New("X", errs.Unavailable, "y")), errs.Unavailable},
		{fs.ErrExist, errs.Conflict},
		{fs.ErrPermission, errs.Denied},
		{fmt.Errorf("x: %w", errors.ErrUnsupported), errs.Unsupported},
		{errs.Catch(func() error { panic("boom") }), errs.Internal},
		{&errs.ValidationError{}, errs.Invalid},
	} {
		if got := errs.KindOf(c.err); got != c.want {
			t.Errorf("KindOf(%v) = %v, want %v", c.err, got, c.want)
		}
	}
	if !errors.Is(errs.New("u", errs.Unsupported, "u"), errors.ErrUnsupported) {
		t.Error("a sentinel of kind Unsupported is not errors.ErrUnsupported")
	}
}

func TestCatch(t *testing.T) {
	cause := errors.New("cause")
	err := errs.Catch(func() error { panic(cause) })
	p, ok := errors.AsType[*errs.PanicError](err)
	if !ok || len(p.Stack) == 0 || !errors.Is(err, cause) || !errors.Is(err, errs.ErrPanic) {
		t.Errorf("Catch(panic) = %#v", err)
	}
	if err := errs.Catch(func() error { return cause }); err != cause {
		t.Errorf("Catch = %v, want the function's own error", err)
	}
}

func TestValidationError(t *testing.T) {
	var v errs.ValidationError
	if v.Err() != nil {
		t.Error("an empty ValidationError is an error")
	}
	v.Add("name", "is required", "")
	v.Add("age", "must be positive", "RANGE")
	err := v.Err()
	if want := "validation failed: name is required; age must be positive"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if !errors.Is(err, errs.ErrValidation) || v.Fields[0].Code != "INVALID" {
		t.Errorf("got %#v", err)
	}
}

func TestJoin(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	err := errs.Join(nil, a, errors.Join(b, a))
	if err.Error() != "a; b; a" || !errors.Is(err, a) || !errors.Is(err, b) {
		t.Errorf("%q", err)
	}
	if errs.Join() != nil || errs.Join(nil, nil) != nil {
		t.Error("Join of no error is one")
	}
}
