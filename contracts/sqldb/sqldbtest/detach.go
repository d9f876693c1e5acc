package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func detachRules() []Rule {
	return []Rule{
		{"detached reads", "Detach returns ctx outside every ambient transaction", detachedReads},
		{"detached writes", "A database with one writer then refuses to write with ErrTxBusy at once: it would wait for itself", detachedWrites},
		{"detached writes after", "Detach returns ctx outside every ambient transaction: when that has ended, nothing is held", detachedAfter},
	}
}

func detachedReads(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(ctx context.Context) error {
		if err := e.insert(ctx, name, 1); err != nil {
			return err
		}
		return e.want(sqldb.Detach(ctx), name)
	})
}

func detachedWrites(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	rows := []int64{}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		out, cancel := context.WithTimeout(sqldb.Detach(sqldb.Detach(ctx)), 20*e.tick)
		defer cancel()
		errs := map[string]error{
			"Exec": e.insert(out, name, 1),
			"InTx": e.db.InTx(out, func(ctx context.Context) error { return e.insert(ctx, name, 2) }),
		}
		for what, err := range errs {
			if err != nil && !errors.Is(err, sqldb.ErrTxBusy) {
				return fmt.Errorf("detached %s = %w, want success or ErrTxBusy at once", what, err)
			}
		}
		if errs["Exec"] == nil {
			rows = append(rows, 1)
		}
		if errs["InTx"] == nil {
			rows = append(rows, 2)
		}
		return errOwn
	})
	if err := wantIs("InTx", err, errOwn); err != nil {
		return err
	}
	return e.want(ctx, name, rows...)
}

func detachedAfter(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var out context.Context
	err = e.db.InTx(ctx, func(ctx context.Context) error { out = sqldb.Detach(ctx); return nil })
	if err != nil {
		return err
	}
	if err := e.insert(out, name, 1); err != nil {
		return err
	}
	return e.want(ctx, name, 1)
}
