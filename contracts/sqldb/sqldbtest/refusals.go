package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func refusalRules() []Rule {
	return []Rule{
		{"aborted", "After a statement was refused by the database, the rest of fn gets ErrTxAborted", aborted},
		{"first failure", "InTx rolls back and returns the first failure even if fn returns nil", firstFailure},
		{"busy with rows", "a statement returns ErrTxBusy while its Rows are open", busyRows},
		{"busy with a nested one", "a statement returns ErrTxBusy while a nested InTx is open whose ctx is not the one given", busyNested},
		{"busy with a statement", "a statement returns ErrTxBusy while another one of the same transaction runs", busyStatement},
	}
}

func aborted(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	var second, query, nested error
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		err := e.insert(ctx, name, 1)
		second = e.insert(ctx, name, 2)
		_, query = e.db.Query(ctx, "SELECT 1")
		nested = e.db.InTx(ctx, func(context.Context) error { return nil })
		return err
	})
	for what, err := range map[string]error{"Exec": second, "Query": query, "InTx": nested} {
		if err := wantIs(what+" after a refusal", err, sqldb.ErrTxAborted); err != nil {
			return err
		}
	}
	return wantIs("InTx", err, sqldb.ErrUnique)
}

func firstFailure(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	for _, own := range []error{nil, errOwn} {
		err = e.db.InTx(ctx, func(ctx context.Context) error {
			if err := e.insert(ctx, name, 2); err != nil {
				return err
			}
			_ = e.insert(ctx, name, 1) // swallowed
			return own
		})
		if err := wantIs(fmt.Sprintf("InTx whose fn returned %v", own), err, sqldb.ErrUnique); err != nil {
			return err
		}
		if err := e.want(ctx, name, 1); err != nil {
			return err
		}
	}
	return nil
}

func busyRows(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1, 2)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(ctx context.Context) error {
		rows, err := e.db.Query(ctx, "SELECT n FROM "+name)
		if err != nil {
			return err
		}
		first := rows.Next()
		_, exec := e.db.Exec(ctx, "DELETE FROM "+name)
		nested := e.db.InTx(ctx, func(context.Context) error { return nil })
		if err := errors.Join(wantIs("Exec", exec, sqldb.ErrTxBusy), wantIs("nested InTx", nested, sqldb.ErrTxBusy)); err != nil {
			return errors.Join(err, rows.Close())
		}
		if second := rows.Next(); !first || !second {
			return errors.Join(errors.New("the rows were lost"), rows.Err(), rows.Close())
		}
		if err := rows.Close(); err != nil {
			return err
		}
		return e.insert(ctx, name, 3)
	})
}

func busyNested(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(outer context.Context) error {
		err := e.db.InTx(outer, func(ctx context.Context) error {
			_, err := e.db.Exec(outer, "INSERT INTO "+name+" (n) VALUES (1)")
			if err := wantIs("a statement with the outer ctx", err, sqldb.ErrTxBusy); err != nil {
				return err
			}
			return e.insert(ctx, name, 2)
		})
		if err != nil {
			return err
		}
		return e.insert(outer, name, 3)
	})
	if err != nil {
		return err
	}
	return e.want(ctx, name, 2, 3)
}

func busyStatement(ctx context.Context, e *env) error {
	busy := false
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		running, cancel := context.WithCancel(ctx)
		defer cancel()
		done := make(chan error, 1)
		go func() {
			var n int64
			done <- sqldb.QueryRow(running, e.db, long).Scan(&n)
		}()
		for { // until one of the two meets the other
			_, err := e.db.Exec(ctx, "SELECT 1")
			if busy = errors.Is(err, sqldb.ErrTxBusy); busy || err != nil {
				cancel()
				return errors.Join(err, <-done)
			}
			select {
			case err := <-done:
				busy = errors.Is(err, sqldb.ErrTxBusy)
				return err
			default:
			}
		}
	})
	if !busy {
		return fmt.Errorf("two statements of one transaction at the same time, and neither got ErrTxBusy: %w", err)
	}
	return nil
}
