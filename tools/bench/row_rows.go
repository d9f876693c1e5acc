package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/georgysavva/scany/v2/pgxscan"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx of database/sql
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/lexigram-sql/rowscan"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	gormpostgres "gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// serverURL names a PostgreSQL to measure on; without it those rows are left out.
func serverURL() string { return os.Getenv("LEXIGRAM_TEST_POSTGRES") }

// onServer returns the rows that need a PostgreSQL, if there is one.
func onServer() []row {
	if serverURL() == "" {
		fmt.Fprintln(os.Stderr, "bench: rows on PostgreSQL are left out: name a server with LEXIGRAM_TEST_POSTGRES")
		return nil
	}
	return []row{structRow(), structsRow(), settingsRow(), txRow(), bulkRow(), outboxRow()}
}

// A member is a row as every side reads it.
type member struct {
	ID   int64  `db:"id" bun:"id"`
	Name string `db:"name" bun:"name"`
	Age  int64  `db:"age" bun:"age"`
}

const (
	byPgx    = "pgx by hand"
	fields   = "SELECT id, name, age FROM lexigram_bench_members "
	oneOf    = fields + "WHERE id = $1"
	hundred  = fields + "WHERE id > $1 ORDER BY id LIMIT 100"
	oneOfQ   = fields + "WHERE id = ?" // of bun and gorm
	hundredQ = fields + "WHERE id > ? ORDER BY id LIMIT 100"
)

func structRow() row {
	return row{
		name: "sql: read one row into a struct, PostgreSQL",
		work: "read a row of 3 columns by its primary key, of 1,000, into a struct",
		goal: "≤ 10 allocs, and ≤ 1.05 × the time of pgx by hand",
		met: func(r result) bool {
			return r.ours().Allocs < 10.5 && r.ours().Ns <= 1.05*r.peer(byPgx).Ns
		},
		sides: structSides(oneOf, oneOfQ, 1),
	}
}

func structsRow() row {
	return row{
		name: "sql: list 100 rows into structs, PostgreSQL",
		work: "read 100 rows of 3 columns in the order of the primary key, of 1,000, into a slice of structs",
		goal: "≤ 212 allocs, and ≤ 1.05 × the time of pgx by hand",
		met: func(r result) bool {
			return r.ours().Allocs < 212.5 && r.ours().Ns <= 1.05*r.peer(byPgx).Ns
		},
		sides: structSides(hundred, hundredQ, 100),
	}
}

// A reader returns the rows that a query finds.
type reader func(ctx context.Context, arg int64) ([]member, error)

func structSides(query, marks string, n int64) []side {
	return []side{
		{"rowscan", readsBy(n, openRowscan(query, n))},
		{byPgx, readsBy(n, openHand(query, n))},
		{"pgx.CollectRows", readsBy(n, openPgx(query, func(rows pgx.Rows) ([]member, error) {
			return pgx.CollectRows(rows, pgx.RowToStructByName[member])
		}))},
		{"scany", readsBy(n, openPgx(query, func(rows pgx.Rows) (all []member, err error) {
			err = pgxscan.ScanAll(&all, rows)
			return all, err
		}))},
		{"database/sql", readsBy(n, openStd(query))},
		{"bun", readsBy(n, openBun(marks))},
		{"gorm", readsBy(n, openGorm(marks))},
	}
}

// readsBy makes a side of what opens a reader.
func readsBy(n int64, open func(ctx context.Context) (reader, func() error, error)) func(context.Context) (worker, error) {
	return func(ctx context.Context) (worker, error) {
		if err := fillMembers(ctx); err != nil {
			return worker{}, err
		}
		read, closeAll, err := open(ctx)
		if err != nil {
			return worker{}, err
		}
		return worker{close: closeAll, ops: func(ctx context.Context, ops int) error {
			ctx = context.WithoutCancel(ctx) // watching one costs every side five allocs more
			for i := range ops {
				arg, first := bounds(i, n)
				all, err := read(ctx, arg)
				if err != nil {
					return err
				}
				var s sum
				for _, m := range all {
					s.rows++
					s.ids += m.ID
				}
				if err := s.check(first, n); err != nil {
					return err
				}
			}
			return nil
		}}, nil
	}
}

// fillMembers makes the table unless it is there.
func fillMembers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, serverURL())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE TABLE IF NOT EXISTS lexigram_bench_members (id bigint PRIMARY KEY, name text NOT NULL, age bigint NOT NULL);
		INSERT INTO lexigram_bench_members SELECT n, 'user number ' || n, n % 100 FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING;
		ANALYZE lexigram_bench_members`)
	return errors.Join(err, conn.Close(ctx))
}

func openRowscan(query string, n int64) func(context.Context) (reader, func() error, error) {
	return func(ctx context.Context) (reader, func() error, error) {
		db, err := postgres.Open(ctx, postgres.Config{URL: config.NewSecret(serverURL())})
		if err != nil {
			return nil, nil, err
		}
		if n == 1 {
			one := make([]member, 1)
			return func(ctx context.Context, arg int64) ([]member, error) {
				m, err := rowscan.One[member](ctx, db, query, arg)
				one[0] = m
				return one, err
			}, db.Close, nil
		}
		return func(ctx context.Context, arg int64) ([]member, error) {
			return rowscan.Collect[member](ctx, db, query, arg)
		}, db.Close, nil
	}
}

func openPgx(query string, collect func(pgx.Rows) ([]member, error)) func(context.Context) (reader, func() error, error) {
	return func(ctx context.Context) (reader, func() error, error) {
		pool, err := pgxpool.New(ctx, serverURL())
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, arg int64) ([]member, error) {
			rows, err := pool.Query(ctx, query, arg)
			if err != nil {
				return nil, err
			}
			return collect(rows)
		}, func() error { pool.Close(); return nil }, nil
	}
}

// openHand does what a careful hand does: QueryRow for one row.
func openHand(query string, n int64) func(context.Context) (reader, func() error, error) {
	if n > 1 {
		return openPgx(query, handScan)
	}
	return func(ctx context.Context) (reader, func() error, error) {
		pool, err := pgxpool.New(ctx, serverURL())
		if err != nil {
			return nil, nil, err
		}
		one := make([]member, 1)
		return func(ctx context.Context, arg int64) ([]member, error) {
			var m member
			err := pool.QueryRow(ctx, query, arg).Scan(&m.ID, &m.Name, &m.Age)
			one[0] = m
			return one, err
		}, func() error { pool.Close(); return nil }, nil
	}
}

func handScan(rows pgx.Rows) ([]member, error) {
	defer rows.Close()
	var all []member
	for rows.Next() {
		var m member
		if err := rows.Scan(&m.ID, &m.Name, &m.Age); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

func openStd(query string) func(context.Context) (reader, func() error, error) {
	return func(ctx context.Context) (reader, func() error, error) {
		db, err := sql.Open("pgx", serverURL())
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, arg int64) (all []member, err error) {
			rows, err := db.QueryContext(ctx, query, arg)
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, rows.Close()) }()
			for rows.Next() {
				var m member
				if err := rows.Scan(&m.ID, &m.Name, &m.Age); err != nil {
					return nil, err
				}
				all = append(all, m)
			}
			return all, rows.Err()
		}, db.Close, nil
	}
}

func openBun(query string) func(context.Context) (reader, func() error, error) {
	return func(context.Context) (reader, func() error, error) {
		std, err := sql.Open("pgx", serverURL())
		if err != nil {
			return nil, nil, err
		}
		db := bun.NewDB(std, pgdialect.New())
		return func(ctx context.Context, arg int64) (all []member, err error) {
			err = db.NewRaw(query, arg).Scan(ctx, &all)
			return all, err
		}, db.Close, nil
	}
}

func openGorm(query string) func(context.Context) (reader, func() error, error) {
	return func(context.Context) (reader, func() error, error) {
		db, err := gorm.Open(gormpostgres.Open(serverURL()), &gorm.Config{Logger: logger.Discard, PrepareStmt: true})
		if err != nil {
			return nil, nil, err
		}
		std, err := db.DB()
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, arg int64) (all []member, err error) {
			err = db.WithContext(ctx).Raw(query, arg).Scan(&all).Error
			return all, err
		}, std.Close, nil
	}
}
