package onpostgres

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// byTemporaryTable is the other way to take many rows with ON CONFLICT: COPY to
// a temporary table, and from there with one statement.
func byTemporaryTable(ctx context.Context, pool *pgxpool.Pool, columns []string, rows [][]any) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TEMPORARY TABLE incoming (LIKE bulk) ON COMMIT DROP"); err != nil {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, pgx.CopyFromRows(rows)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO bulk (id, name, score) SELECT id, name, score FROM incoming
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, score = excluded.score`)
		return err
	})
}

// BenchmarkUpsertConflicts writes n rows of which so many in a hundred are there.
func BenchmarkUpsertConflicts(b *testing.B) {
	db, pool := pair(b)
	columns := []string{"id", "name", "score"}
	for _, n := range []int{5_000, 50_000} {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{int64(i), "a name of some length", float64(i) / 7}
		}
		for _, percent := range []int{0, 50, 100} {
			for _, way := range []struct {
				name  string
				write func(ctx context.Context) error
			}{
				{"Upsert", func(ctx context.Context) error {
					_, err := db.Upsert(ctx, "bulk", columns, []string{"id"}, all(rows))
					return err
				}},
				{"temporary table", func(ctx context.Context) error { return byTemporaryTable(ctx, pool, columns, rows) }},
				{"COPY, insert only", func(ctx context.Context) error {
					_, err := pool.CopyFrom(ctx, pgx.Identifier{"bulk"}, columns, pgx.CopyFromRows(rows))
					return err
				}},
			} {
				if percent > 0 && way.name == "COPY, insert only" {
					continue
				}
				b.Run(fmt.Sprintf("rows=%d/conflicts=%d%%/%s", n, percent, way.name), func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						fillBulk(b, pool, n, percent)
						b.StartTimer()
						if err := way.write(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
				})
			}
		}
	}
}

// fillBulk fills bulk with percent of n rows, every so manieth of them.
func fillBulk(b *testing.B, pool *pgxpool.Pool, n, percent int) {
	b.Helper()
	if _, err := pool.Exec(b.Context(), "TRUNCATE bulk"); err != nil {
		b.Fatal(err)
	}
	if percent > 0 {
		const sql = "INSERT INTO bulk (id, name, score) SELECT i, 'an old name', 0 FROM generate_series(0, CAST($1 AS bigint) - 1, CAST($2 AS bigint)) i"
		if _, err := pool.Exec(b.Context(), sql, n, 100/percent); err != nil {
			b.Fatal(err)
		}
	}
}

func all(rows [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for r := range slices.Values(rows) {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// BenchmarkUpsertReturning writes n rows, of which so many in a hundred are
// there, and reads their keys.
func BenchmarkUpsertReturning(b *testing.B) {
	db, pool := pair(b)
	columns := []string{"id", "name", "score"}
	scan := func(r sqldb.Rows) (id int64, err error) { err = r.Scan(&id); return id, err }
	for _, n := range []int{5_000, 50_000} {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{int64(i), "a name of some length", float64(i) / 7}
		}
		by := func(db sqldb.DB) func(context.Context) (int, error) {
			return func(ctx context.Context) (int, error) {
				ids, err := sqldb.UpsertReturning(ctx, db, scan, []string{"id"}, "bulk", columns, []string{"id"}, all(rows))
				return len(ids), err
			}
		}
		for _, percent := range []int{0, 50} {
			for _, way := range []struct {
				name  string
				write func(ctx context.Context) (int, error)
			}{
				{"arrays", by(db)},
				{"statements of 999 values", by(struct{ sqldb.DB }{db})},
				{"temporary table", func(ctx context.Context) (ids int, err error) {
					return ids, pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
						if _, err := tx.Exec(ctx, "CREATE TEMPORARY TABLE incoming (LIKE bulk) ON COMMIT DROP"); err != nil {
							return err
						}
						if _, err := tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, pgx.CopyFromRows(rows)); err != nil {
							return err
						}
						found, err := tx.Query(ctx, `INSERT INTO bulk (id, name, score) SELECT id, name, score FROM incoming
							ON CONFLICT (id) DO UPDATE SET name = excluded.name, score = excluded.score RETURNING id`)
						if err != nil {
							return err
						}
						all, err := pgx.CollectRows(found, pgx.RowTo[int64])
						ids = len(all)
						return err
					})
				}},
			} {
				b.Run(fmt.Sprintf("rows=%d/conflicts=%d%%/%s", n, percent, way.name), func(b *testing.B) {
					for b.Loop() {
						b.StopTimer()
						fillBulk(b, pool, n, percent)
						b.StartTimer()
						if ids, err := way.write(b.Context()); err != nil || ids != n {
							b.Fatal(ids, err)
						}
					}
				})
			}
		}
	}
}
