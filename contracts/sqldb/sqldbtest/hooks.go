package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func hookRules() []Rule {
	return []Rule{
		{"on commit", "OnCommit has fn called after the transaction of ctx has committed, outside it; the functions run in order", onCommit},
		{"on commit of the outermost", "Those of a savepoint are called when the transaction has committed, not before", onCommitNested},
		{"not on rollback", "Those of a transaction or savepoint that is rolled back are dropped", notOnRollback},
		{"not of a repeated attempt", "Those of an attempt that is repeated are dropped", notOnRepeat},
		{"hooks of the innermost", "The transaction is that of the innermost InTx, of whatever database", hooksOfInnermost},
		{"on rollback", "OnRollback has fn called once after what it was registered in was rolled back; the functions run in reverse order", onRollback},
		{"on rollback of a savepoint", "OnRollback: the savepoint, or the transaction", onRollbackNested},
		{"on rollback of an attempt", "OnRollback: or the attempt of it, before the next; after a commit fn is dropped", onRollbackAttempt},
		{"on rollback panics", "If fn panics, the others are called, and the panic is in the error of InTx as an errs.PanicError", onRollbackPanics},
	}
}

func onCommit(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var got []int
	var inside error
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		for i := range 3 {
			sqldb.OnCommit(ctx, func(ctx context.Context) {
				got = append(got, i)
				inside = errors.Join(inside, e.want(ctx, name, 1))                                                             // committed
				inside = errors.Join(inside, e.db.InTx(ctx, func(context.Context) error { return nil }, sqldb.MaxAttempts(1))) // outside
			})
		}
		if len(got) > 0 {
			return errors.New("called before the commit")
		}
		return e.insert(ctx, name, 1)
	})
	if err == nil && !slices.Equal(got, []int{0, 1, 2}) {
		err = fmt.Errorf("functions called: %v", got)
	}
	return errors.Join(err, inside)
}

func onCommitNested(ctx context.Context, e *env) error {
	var got []string
	note := func(s string) func(context.Context) { return func(context.Context) { got = append(got, s) } }
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		sqldb.OnCommit(ctx, note("before"))
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnCommit(ctx, note("nested"))
			return nil
		})
		if err == nil && len(got) > 0 {
			err = fmt.Errorf("%q called before the commit", got)
		}
		sqldb.OnCommit(ctx, note("after"))
		return err
	})
	if err == nil && !slices.Equal(got, []string{"before", "nested", "after"}) {
		err = fmt.Errorf("functions called: %q", got)
	}
	return err
}

func notOnRollback(ctx context.Context, e *env) error {
	called := ""
	note := func(s string) func(context.Context) { return func(context.Context) { called = s } }
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			sqldb.OnCommit(ctx, note("that of a savepoint"))
			return errOwn
		})
		if !errors.Is(err, errOwn) {
			return err
		}
		return nil
	})
	if err != nil || called != "" {
		return fmt.Errorf("%v, and %q was called", err, called)
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		sqldb.OnCommit(ctx, note("that of the transaction"))
		return errOwn
	})
	if !errors.Is(err, errOwn) || called != "" {
		return fmt.Errorf("%v, and %q was called", err, called)
	}
	return nil
}

func notOnRepeat(ctx context.Context, e *env) error {
	var got []int
	attempt := 0
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		attempt++
		n := attempt
		sqldb.OnCommit(ctx, func(context.Context) { got = append(got, n) })
		if n < 3 {
			return sqldb.ErrSerialization
		}
		return nil
	})
	if err != nil || !slices.Equal(got, []int{3}) {
		return fmt.Errorf("%v, and functions of the attempts %v were called, want 3", err, got)
	}
	return nil
}
