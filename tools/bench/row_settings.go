package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

const (
	byRecipe  = "BEGIN, SET LOCAL, SELECT, COMMIT"
	unscoped  = "pgx, without the setting"
	scopedOne = "SELECT age, current_setting('app.tenant', true) FROM lexigram_bench_members WHERE id = $1"
)

func settingsRow() row {
	return row{
		name: "sql: read under a setting of the tenant, PostgreSQL",
		work: "read a row by its primary key, of 1,000, by a statement that sees the tenant as a setting, as policies for rows do",
		goal: "≤ half the time of " + byRecipe + ": one round trip instead of four",
		met:  func(r result) bool { return r.ours().Ns <= 0.5*r.peer(byRecipe).Ns },
		sides: []side{
			{"Settings", startSettings},
			{byRecipe, startRecipe},
			{unscoped, startUnscoped},
		},
	}
}

func startSettings(ctx context.Context) (worker, error) {
	if err := fillMembers(ctx); err != nil {
		return worker{}, err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: config.NewSecret(serverURL())})
	if err != nil {
		return worker{}, err
	}
	view, err := db.WithSettings(sqldb.Setting{Name: "app.tenant", Value: "acme"})
	if err != nil {
		return worker{}, errors.Join(err, db.Close())
	}
	return worker{close: db.Close, ops: each(func(ctx context.Context) error {
		var age int64
		var tenant string
		err := sqldb.QueryRow(ctx, view, scopedOne, int64(77)).Scan(&age, &tenant)
		return errors.Join(err, scoped(age, tenant))
	})}, nil
}

func startRecipe(ctx context.Context) (worker, error) {
	return onPool(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		tx, err := pool.Begin(ctx)
		if err != nil {
			return err
		}
		var age int64
		var tenant string
		_, err = tx.Exec(ctx, "SELECT set_config('app.tenant', $1, true)", "acme")
		if err == nil {
			err = tx.QueryRow(ctx, scopedOne, int64(77)).Scan(&age, &tenant)
		}
		return errors.Join(err, tx.Commit(ctx), scoped(age, tenant))
	})
}

func startUnscoped(ctx context.Context) (worker, error) {
	return onPool(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		var age int64
		var none *string
		err := pool.QueryRow(ctx, scopedOne, int64(77)).Scan(&age, &none)
		return errors.Join(err, scoped(age, "acme"))
	})
}

func onPool(ctx context.Context, op func(context.Context, *pgxpool.Pool) error) (worker, error) {
	if err := fillMembers(ctx); err != nil {
		return worker{}, err
	}
	pool, err := pgxpool.New(ctx, serverURL())
	if err != nil {
		return worker{}, err
	}
	return worker{
		close: func() error { pool.Close(); return nil },
		ops:   each(func(ctx context.Context) error { return op(ctx, pool) }),
	}, nil
}

func scoped(age int64, tenant string) error {
	if age != 77 || tenant != "acme" {
		return fmt.Errorf("read age %d for tenant %q, want 77 for acme", age, tenant)
	}
	return nil
}
