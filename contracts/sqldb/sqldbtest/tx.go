package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func txRules() []Rule {
	return []Rule{
		{"commit", "InTx calls fn in a transaction and commits if fn returns nil", commit},
		{"joins", "Inside InTx every statement run with the ctx given to fn joins the transaction", joins},
		{"rollback", "An error rolls back and is returned", rollback},
		{"error is returned", "An error rolls back and is returned", errorReturned},
		{"panic rolls back", "a panic rolls back and goes on", panicRollsBack},
		{"panic goes on", "a panic rolls back and goes on", panicGoesOn},
		{"outside", "A statement, InTx or Pinned of fn's goroutine with a context that is not in the transaction, and not from Detach, is ErrTxOutside", outside},
		{"end of ctx", "the end of ctx before the commit is sent rolls back and returns its cause", endOfContext},
	}
}

func commit(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		return errors.Join(e.insert(ctx, name, 1), e.insert(ctx, name, 2))
	})
	if err != nil {
		return err
	}
	return e.want(ctx, name, 1, 2)
}

func joins(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(inner context.Context) error {
		if err := e.insert(inner, name, 1); err != nil {
			return err
		}
		if err := e.want(inner, name, 1); err != nil {
			return fmt.Errorf("inside: %w", err)
		}
		if err := e.want(sqldb.Detach(inner), name); err != nil {
			return fmt.Errorf("outside: %w", err)
		}
		return nil
	})
}

func rollback(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		return errors.Join(e.insert(ctx, name, 1), errOwn)
	})
	if err == nil {
		return errors.New("InTx of a fn that failed = nil")
	}
	return e.want(ctx, name)
}

func errorReturned(ctx context.Context, e *env) error {
	return wantIs("InTx", e.db.InTx(ctx, func(context.Context) error { return fmt.Errorf("wrapped: %w", errOwn) }), errOwn)
}

// panics runs an InTx whose fn writes and panics, and returns what came of the panic.
func (e *env) panics(ctx context.Context, name string) (value any, err error) {
	defer func() { value = recover() }()
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		if err := e.insert(ctx, name, 1); err != nil {
			return err
		}
		panic(errOwn)
	})
	return nil, err
}

func panicRollsBack(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	if _, err := e.panics(ctx, name); err != nil && !errors.Is(err, errOwn) {
		return err
	}
	return e.want(ctx, name)
}

func panicGoesOn(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	if v, err := e.panics(ctx, name); v != any(errOwn) {
		return fmt.Errorf("the panic of fn came out as %v, and InTx returned %v", v, err)
	}
	return nil
}

func endOfContext(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	ended, cancel := context.WithCancelCause(ctx)
	err = e.db.InTx(ended, func(ctx context.Context) error {
		err := e.insert(ctx, name, 1)
		cancel(errOwn)
		return err
	})
	if err := wantIs("InTx whose ctx ended", err, errOwn); err != nil {
		return err
	}
	if err := e.want(ctx, name); err != nil {
		return err
	}
	return e.db.InTx(ctx, func(outer context.Context) error {
		ended, cancel := context.WithCancelCause(outer)
		err := e.db.InTx(ended, func(ctx context.Context) error {
			err := e.insert(ctx, name, 2)
			cancel(errOwn)
			return err
		})
		if err := wantIs("nested InTx whose ctx ended", err, errOwn); err != nil {
			return err
		}
		return e.want(outer, name)
	}, sqldb.MaxAttempts(1))
}

func outside(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, 50*e.tick)
	defer cancel()
	err = e.db.InTx(ctx, func(inner context.Context) error {
		_, query := e.db.Query(short, "SELECT 1")
		_, exec := e.db.Exec(short, "INSERT INTO "+name+" (n) VALUES (1)")
		inTx := e.db.InTx(short, func(ctx context.Context) error { return e.insert(ctx, name, 2) })
		err := errors.Join(wantIs("Query", query, sqldb.ErrTxOutside), wantIs("Exec", exec, sqldb.ErrTxOutside), wantIs("InTx", inTx, sqldb.ErrTxOutside))
		if p, ok := e.db.(sqldb.Pinner); ok && err == nil {
			if perr := p.Pinned(short, func(context.Context) error { return nil }); !errors.Is(perr, errors.ErrUnsupported) {
				err = wantIs("Pinned", perr, sqldb.ErrTxOutside)
			}
		}
		elsewhere := make(chan error)
		go func() { elsewhere <- e.want(ctx, name) }() // is no part of fn
		return errors.Join(err, <-elsewhere, e.insert(inner, name, 3))
	}, sqldb.MaxAttempts(1))
	if err != nil {
		return err
	}
	return e.want(ctx, name, 3)
}
