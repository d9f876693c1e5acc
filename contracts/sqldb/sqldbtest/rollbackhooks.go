package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// notes are what hooks were called, in order.
type notes []string

func (n *notes) add(s string) func(context.Context) {
	return func(context.Context) { *n = append(*n, s) }
}

func (n *notes) want(when string, s ...string) error {
	if !slices.Equal(*n, s) {
		return fmt.Errorf("%s: functions called: %q, want %q", when, *n, s)
	}
	return nil
}

func hooksOfInnermost(ctx context.Context, e *env) error {
	var got notes
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		other, hooks := sqldb.WithHooks(ctx) // a transaction of another database, inside
		err := e.db.InTx(other, func(ctx context.Context) error {
			sqldb.OnCommit(ctx, got.add("joined"))
			return nil
		}, sqldb.WithPropagation(sqldb.Join))
		if err == nil {
			err = e.db.InTx(other, func(ctx context.Context) error {
				sqldb.OnCommit(ctx, got.add("nested"))
				return nil
			})
		}
		hooks.Committed(ctx)
		return errors.Join(err, got.want("after the commit of the other database"))
	})
	return errors.Join(err, got.want("after the commit", "joined", "nested"))
}

func onRollback(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var got notes
	var inside error
	fn := func(ctx context.Context) error {
		sqldb.OnRollback(ctx, got.add("first"))
		sqldb.OnRollback(ctx, got.add("second"))
		sqldb.OnRollback(ctx, func(ctx context.Context) { inside = errors.Join(e.want(ctx, name), e.insert(ctx, name, 2)) })
		if err := e.insert(ctx, name, 1); err != nil {
			return err
		}
		return errors.Join(errOwn, got.want("before the rollback"))
	}
	err = wantIs("InTx", e.db.InTx(ctx, fn), errOwn)
	err = errors.Join(err, inside, got.want("after the rollback", "second", "first"), e.want(ctx, name, 2))
	if err != nil {
		return err
	}
	got = nil
	func() {
		defer func() { _ = recover() }()
		err = e.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnRollback(ctx, got.add("of a panic"))
			panic(errOwn)
		})
	}()
	return errors.Join(err, got.want("after a panic", "of a panic"))
}

func onRollbackNested(ctx context.Context, e *env) error {
	var got notes
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		sqldb.OnRollback(ctx, got.add("outer"))
		undone := e.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnRollback(ctx, got.add("rolled back"))
			return errOwn
		})
		err := errors.Join(wantIs("nested InTx", undone, errOwn), got.want("after the savepoint", "rolled back"))
		if err != nil {
			return err
		}
		err = e.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnRollback(ctx, got.add("released"))
			return nil
		})
		return errors.Join(err, got.want("after the release", "rolled back"), errOwn)
	})
	return errors.Join(wantIs("InTx", err, errOwn), got.want("after the rollback", "rolled back", "released", "outer"))
}

func onRollbackAttempt(ctx context.Context, e *env) error {
	var got notes
	attempt := 0
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		attempt++
		sqldb.OnRollback(ctx, got.add(fmt.Sprint(attempt)))
		if attempt < 3 {
			return sqldb.ErrSerialization
		}
		return got.want("before the last attempt", "1", "2")
	})
	return errors.Join(err, got.want("after the commit", "1", "2"))
}

func onRollbackPanics(ctx context.Context, e *env) error {
	var got notes
	calls := 0
	fail := func(ctx context.Context) error {
		calls++
		sqldb.OnRollback(ctx, got.add("other"))
		sqldb.OnRollback(ctx, func(context.Context) { panic("hook") })
		return sqldb.ErrSerialization
	}
	check := func(what string, err error) error {
		return errors.Join(wantIs(what, err, errs.ErrPanic), wantIs(what, err, sqldb.ErrSerialization), got.want(what, "other"))
	}
	if err := check("InTx", e.db.InTx(ctx, fail)); err != nil || calls != 1 {
		return errors.Join(err, fmt.Errorf("fn was called %d times, want once", calls))
	}
	got = nil
	return e.db.InTx(ctx, func(ctx context.Context) error { return check("nested InTx", e.db.InTx(ctx, fail)) })
}
