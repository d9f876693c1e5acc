package onpostgres

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// pair returns ours and a pool of pgx by itself, with a table of 10,000 users.
func pair(b *testing.B) (*postgres.DB, *pgxpool.Pool) {
	b.Helper()
	url := servers.Postgres(b)
	db, err := postgres.Open(b.Context(), postgres.Config{URL: config.NewSecret(url)})
	if err != nil {
		b.Fatal(err)
	}
	pool, err := pgxpool.New(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		pool.Close()
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	for _, sql := range []string{
		"CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, age bigint NOT NULL)",
		"INSERT INTO users SELECT i, 'user ' || i, i % 90 FROM generate_series(1, 10000) i",
		"CREATE TABLE bulk (id bigint PRIMARY KEY, name text NOT NULL, score double precision, at timestamptz)",
		"VACUUM ANALYZE users",
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	return db, pool
}

func BenchmarkReadOne(b *testing.B) {
	db, pool := pair(b)
	const sql = "SELECT id, name, age FROM users WHERE id = $1"
	var id, age int64
	var name string
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := sqldb.QueryRow(b.Context(), db, sql, int64(77)).Scan(&id, &name, &age); err != nil {
				b.Fatal(err)
			}
		}
	})
	view, err := db.WithSettings(sqldb.Setting{Name: "app.tenant", Value: "acme"})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ours with settings", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := sqldb.QueryRow(b.Context(), view, sql, int64(77)).Scan(&id, &name, &age); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pgx", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := pool.QueryRow(b.Context(), sql, int64(77)).Scan(&id, &name, &age); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pgx with settings in a transaction", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			err := pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
				if _, err := tx.Exec(b.Context(), "SELECT set_config($1,$2,true)", "app.tenant", "acme"); err != nil {
					return err
				}
				return tx.QueryRow(b.Context(), sql, int64(77)).Scan(&id, &name, &age)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTransaction(b *testing.B) {
	db, pool := pair(b)
	const sql = "UPDATE users SET age = age + 1 WHERE id = $1"
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			err := db.InTx(b.Context(), func(ctx context.Context) error {
				_, err := db.Exec(ctx, sql, int64(77))
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("pgx", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			err := pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
				_, err := tx.Exec(b.Context(), sql, int64(77))
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkUpsert writes n rows that are not there, ours with ON CONFLICT.
func BenchmarkUpsert(b *testing.B) {
	db, pool := pair(b)
	columns, at := []string{"id", "name", "score", "at"}, time.Now()
	for name, n := range map[string]int{"5000": 5_000, "50000": 50_000} {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{int64(i), "a name of some length", float64(i) / 7, at}
		}
		seq := iter.Seq2[[]any, error](func(yield func([]any, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		})
		write := map[string]func(ctx context.Context) error{
			"ours": func(ctx context.Context) error {
				_, err := db.Upsert(ctx, "bulk", columns, []string{"id"}, seq)
				return err
			},
			"pgx COPY": func(ctx context.Context) error {
				_, err := pool.CopyFrom(ctx, pgx.Identifier{"bulk"}, columns, pgx.CopyFromRows(rows))
				return err
			},
		}
		for _, who := range []string{"ours", "pgx COPY"} {
			b.Run(name+"/"+who, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					if _, err := pool.Exec(b.Context(), "TRUNCATE bulk"); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
					if err := write[who](b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
