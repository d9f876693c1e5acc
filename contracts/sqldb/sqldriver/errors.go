package sqldriver

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// busy and ended are the two ways in which a transaction cannot run a statement.
func busy(why string) error {
	return sqldb.ErrTxBusy.Wrap(errors.New(why), "sql: transaction is busy")
}

func ended(why string) error {
	return sqldb.ErrTxAborted.Wrap(errors.New(why), "sql: transaction has ended")
}

// seal makes sure of what a driver owes: the family, and the end of ctx.
func seal(ctx context.Context, err error, op string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = withEnd(ctx, err)
	}
	if !errors.Is(err, sqldb.Err) {
		err = sqldb.Err.Wrap(err, "sql: %s", op)
	}
	return err
}

// withEnd makes err match the end of ctx, unless it says something definite itself.
func withEnd(ctx context.Context, err error) error {
	switch errs.KindOf(err) {
	case errs.Unknown, errs.Unavailable, errs.Timeout, errs.Canceled:
		if end := endOf(ctx); !errors.Is(err, end) {
			return fmt.Errorf("%w: %w", err, end)
		}
	}
	return err
}

// endOf returns an error that matches both ctx.Err() and its cause.
func endOf(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, ctx.Err()) {
		return cause
	}
	return fmt.Errorf("%w: %w", ctx.Err(), cause)
}

// after returns err, the error of fn, and makes it match first, the failure of
// a statement that came before it.
func after(err, first error) error {
	switch {
	case first == nil:
		return err
	case err == nil:
		return first
	case errors.Is(err, first):
		return err
	}
	return &failed{err: err, first: first}
}

// failed is what fn returned after a statement had failed with first.
type failed struct{ err, first error }

func (f *failed) Error() string {
	if errors.Is(f.err, sqldb.ErrTxAborted) {
		return f.err.Error() // it tells the first failure
	}
	return f.err.Error() + " (after " + f.first.Error() + ")"
}

func (f *failed) Unwrap() []error { return []error{f.first, f.err} }

// hooked adds to err, with which a transaction was rolled back, what its hooks panicked with.
func hooked(err, hooks error) error {
	if hooks == nil {
		return err
	}
	return fmt.Errorf("%w (after the rollback: %w)", err, hooks)
}

// abandon notes on err that the rollback, which nothing depends on any more, failed too.
func abandon(err, rollback error) error {
	if rollback == nil {
		return err
	}
	return fmt.Errorf("%w (rollback: %v)", err, rollback)
}
