package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func nestedRules() []Rule {
	return []Rule{
		{"savepoint rollback", "inside another one it is a savepoint: to go on after a refusal, run the statement in an InTx of its own", savepointRollback},
		{"savepoint release", "Nested: a savepoint; what it did is undone with the transaction around it", savepointRelease},
		{"savepoints in savepoints", "Nested: a savepoint", savepointsDeep},
		{"new transaction", "Separate: always one of its own, on another connection; errors.ErrUnsupported inside another one where there is one writer", newTransaction},
	}
}

func savepointRollback(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		if err := e.insert(ctx, name, 2); err != nil {
			return err
		}
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			return errors.Join(e.insert(ctx, name, 3), e.insert(ctx, name, 1))
		})
		if err := wantIs("nested InTx", err, sqldb.ErrUnique); err != nil {
			return err
		}
		return e.insert(ctx, name, 4)
	})
	if err != nil {
		return fmt.Errorf("after the nested one was rolled back: %w", err)
	}
	return e.want(ctx, name, 1, 2, 4)
}

func savepointRelease(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		err := e.db.InTx(ctx, func(ctx context.Context) error { return e.insert(ctx, name, 1) })
		if err == nil {
			err = e.want(ctx, name, 1)
		}
		if err != nil {
			return err
		}
		return errOwn
	})
	if err := wantIs("InTx", err, errOwn); err != nil {
		return err
	}
	return e.want(ctx, name)
}

func savepointsDeep(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var dive func(ctx context.Context, depth int) error
	dive = func(ctx context.Context, depth int) error {
		if err := e.insert(ctx, name, depth); err != nil || depth == 6 {
			return err
		}
		for _, fail := range []bool{true, false} { // each level twice: undone, then kept
			err := e.db.InTx(ctx, func(ctx context.Context) error {
				err := dive(ctx, depth+1)
				if err == nil && fail {
					err = errOwn
				}
				return err
			})
			if err != nil && !(fail && errors.Is(err, errOwn)) {
				return err
			}
		}
		return nil
	}
	if err := e.db.InTx(ctx, func(ctx context.Context) error { return dive(ctx, 0) }); err != nil {
		return err
	}
	return e.want(ctx, name, 0, 1, 2, 3, 4, 5, 6)
}

func newTransaction(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var called, unsupported bool
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			called = true
			return e.insert(ctx, name, 1)
		}, sqldb.WithPropagation(sqldb.Separate))
		if unsupported = errors.Is(err, errors.ErrUnsupported); err != nil && !unsupported {
			return err
		}
		return errOwn
	})
	switch err := wantIs("InTx", err, errOwn); {
	case err != nil:
		return err
	case unsupported && called:
		return errors.New("an option that cannot be honoured is an error before fn is called; fn was")
	case unsupported:
		return e.want(ctx, name)
	}
	return e.want(ctx, name, 1)
}
