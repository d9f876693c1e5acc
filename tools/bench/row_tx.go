package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

const insertOne = "INSERT INTO lexigram_bench_tx (name, score) VALUES ($1, $2)"

func txRow() row {
	return row{
		name: "sql: a transaction of one insert, PostgreSQL",
		work: "insert a row of 3 columns in a transaction; ours learns the transaction's number beside, by which a COMMIT without an answer is resolved",
		goal: "≤ 1.15 × the time of pgx by hand, and ≤ 30 allocs",
		met: func(r result) bool {
			return r.ours().Ns <= 1.15*r.peer(byPgx).Ns && r.ours().Allocs < 30.5
		},
		sides: []side{{"InTx", startInTx}, {byPgx, startPgxTx}},
	}
}

// makeTx makes the table, which both sides fill.
func makeTx(ctx context.Context, exec func(ctx context.Context, sql string) error) error {
	return exec(ctx, "CREATE TABLE IF NOT EXISTS lexigram_bench_tx (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, score double precision NOT NULL)")
}

func startInTx(ctx context.Context) (worker, error) {
	db, err := postgres.Open(ctx, postgres.Config{URL: config.NewSecret(serverURL())})
	if err != nil {
		return worker{}, err
	}
	if err := makeTx(ctx, func(ctx context.Context, sql string) error { _, err := db.Exec(ctx, sql); return err }); err != nil {
		return worker{}, errors.Join(err, db.Close())
	}
	return worker{close: db.Close, ops: each(func(ctx context.Context) error {
		return db.InTx(ctx, func(ctx context.Context) error {
			n, err := db.Exec(ctx, insertOne, "a name of some length", 0.5)
			return errors.Join(err, wroteOne(n))
		})
	})}, nil
}

func startPgxTx(ctx context.Context) (worker, error) {
	pool, err := pgxpool.New(ctx, serverURL())
	if err != nil {
		return worker{}, err
	}
	if err := makeTx(ctx, func(ctx context.Context, sql string) error { _, err := pool.Exec(ctx, sql); return err }); err != nil {
		pool.Close()
		return worker{}, err
	}
	return worker{close: func() error { pool.Close(); return nil }, ops: each(func(ctx context.Context) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, insertOne, "a name of some length", 0.5)
			return errors.Join(err, wroteOne(tag.RowsAffected()))
		})
	})}, nil
}

func wroteOne(n int64) error {
	if n != 1 {
		return fmt.Errorf("wrote %d rows, want 1", n)
	}
	return nil
}
