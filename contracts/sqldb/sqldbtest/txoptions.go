package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func optionRules() []Rule {
	return []Rule{
		{"read only", "ReadOnly makes a write in the transaction ErrReadOnly", readOnly},
		{"isolation", "WithIsolation asks for at least level", isolation},
		{"options of an inner one", "ErrTxOptions if an inner InTx asks for more isolation than the outer has, for another ReadOnly or for MaxAttempts", innerOptions},
		{"options unknown", "An option that cannot be honoured is an error before fn is called: errors.ErrUnsupported otherwise", unknownOptions},
	}
}

func readOnly(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		if err := e.want(ctx, name, 1); err != nil {
			return err
		}
		_, err := e.db.Exec(ctx, "DELETE FROM "+name)
		return err
	}, sqldb.ReadOnly())
	if err := wantIs("a write in a read-only transaction", err, sqldb.ErrReadOnly); err != nil {
		return err
	}
	// The connection writes again.
	for n := range 10 {
		if err := e.insert(ctx, name, n+2); err != nil {
			return err
		}
	}
	return nil
}

// isolation looks twice at what another transaction changes in between.
func isolation(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(inner context.Context) error {
		if err := e.want(inner, name, 1); err != nil {
			return err
		}
		if err := e.insert(sqldb.Detach(inner), name, 2); err != nil {
			return fmt.Errorf("from outside: %w", err)
		}
		return e.want(inner, name, 1)
	}, sqldb.WithIsolation(sqldb.RepeatableRead), sqldb.ReadOnly(), sqldb.MaxAttempts(1))
}

func innerOptions(ctx context.Context, e *env) error {
	for what, opt := range map[string]sqldb.TxOption{"ReadOnly": sqldb.ReadOnly(), "MaxAttempts": sqldb.MaxAttempts(2)} {
		called := false
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			return e.db.InTx(ctx, func(context.Context) error { called = true; return nil }, opt)
		})
		if !errors.Is(err, sqldb.ErrTxOptions) || called {
			return fmt.Errorf("nested InTx with %s = %v, fn called: %v, want ErrTxOptions before", what, err, called)
		}
	}
	// As much isolation as the outer one has, and read-only in read-only, are nothing more.
	return e.db.InTx(ctx, func(ctx context.Context) error {
		return e.db.InTx(ctx, func(context.Context) error { return nil }, sqldb.WithIsolation(sqldb.RepeatableRead), sqldb.ReadOnly())
	}, sqldb.WithIsolation(sqldb.Serializable), sqldb.ReadOnly())
}

func unknownOptions(ctx context.Context, e *env) error {
	for what, opt := range map[string]sqldb.TxOption{
		"isolation 99":    sqldb.WithIsolation(99),
		"propagation 99":  func(o *sqldb.TxOptions) { o.Propagation = 99 },
		"MaxAttempts(-1)": sqldb.MaxAttempts(-1),
	} {
		called := false
		err := e.db.InTx(ctx, func(context.Context) error { called = true; return nil }, opt)
		if !errors.Is(err, errors.ErrUnsupported) || called {
			return fmt.Errorf("InTx with %s = %v, fn called: %v, want errors.ErrUnsupported before", what, err, called)
		}
	}
	return nil
}
