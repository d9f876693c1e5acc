package main

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
)

const (
	byCopy   = "pgx COPY, insert only"
	bulkRows = 5_000
)

func bulkRow() row {
	return row{
		name: "sql: bulk upsert of 5,000 rows, PostgreSQL",
		work: "empty a table of 3 columns and write 5,000 rows to it; ours replaces a row whose key is there, COPY would fail",
		goal: "≥ 0.9 × the speed of pgx COPY",
		met:  func(r result) bool { return r.peer(byCopy).Ns >= 0.9*r.ours().Ns },
		sides: []side{
			{"Upsert", startUpsert},
			{byCopy, startCopy},
		},
	}
}

var bulkColumns = []string{"id", "name", "score"}

func bulkValues() [][]any {
	all := make([][]any, bulkRows)
	for i := range all {
		all[i] = []any{int64(i), "a name of some length", float64(i) / 7}
	}
	return all
}

// emptied returns a statement that makes table, and one that empties it.
func emptied(table string) (create, empty string) {
	return "CREATE TABLE IF NOT EXISTS " + table + " (id bigint PRIMARY KEY, name text NOT NULL, score double precision NOT NULL)", "TRUNCATE " + table
}

func startUpsert(ctx context.Context) (worker, error) {
	db, err := postgres.Open(ctx, postgres.Config{URL: config.NewSecret(serverURL())})
	if err != nil {
		return worker{}, err
	}
	const table = "lexigram_bench_upsert"
	create, empty := emptied(table)
	if _, err := db.Exec(ctx, create); err != nil {
		return worker{}, errors.Join(err, db.Close())
	}
	all := bulkValues()
	rows := iter.Seq2[[]any, error](func(yield func([]any, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	})
	return worker{close: db.Close, ops: each(func(ctx context.Context) error {
		if _, err := db.Exec(ctx, empty); err != nil {
			return err
		}
		n, err := sqldb.Upsert(ctx, db, table, bulkColumns, []string{"id"}, rows)
		return errors.Join(err, wrote(n))
	})}, nil
}

func startCopy(ctx context.Context) (worker, error) {
	pool, err := pgxpool.New(ctx, serverURL())
	if err != nil {
		return worker{}, err
	}
	const table = "lexigram_bench_copy"
	create, empty := emptied(table)
	if _, err := pool.Exec(ctx, create); err != nil {
		pool.Close()
		return worker{}, err
	}
	all := bulkValues()
	return worker{close: func() error { pool.Close(); return nil }, ops: each(func(ctx context.Context) error {
		if _, err := pool.Exec(ctx, empty); err != nil {
			return err
		}
		n, err := pool.CopyFrom(ctx, pgx.Identifier{table}, bulkColumns, pgx.CopyFromRows(all))
		return errors.Join(err, wrote(n))
	})}, nil
}

func wrote(n int64) error {
	if n != bulkRows {
		return fmt.Errorf("wrote %d rows, want %d", n, bulkRows)
	}
	return nil
}
