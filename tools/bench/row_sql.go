package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

const (
	sqlRows    = 1_000
	selectOne  = "SELECT id, name, age FROM users WHERE id = $1"
	selectMany = "SELECT id, name, age FROM users WHERE id > $1 ORDER BY id LIMIT 100"
)

func sqlOneRow() row {
	return row{
		name: "sql: read one row, SQLite",
		work: "read a row of 3 columns by its primary key, of 1,000 in a file",
		goal: "≤ 1.05 × the time and no more allocs than a prepared statement of database/sql",
		met:  asGoodAsByHand,
		sides: []side{
			{"sqlite", oursReads(selectOne, 1)},
			{byHand, handReads(selectOne, 1)},
		},
	}
}

func sqlManyRow() row {
	return row{
		name: "sql: list 100 rows, SQLite",
		work: "read 100 rows of 3 columns in the order of the primary key, of 1,000 in a file",
		goal: "≤ 1.05 × the time and no more allocs than a prepared statement of database/sql",
		met:  asGoodAsByHand,
		sides: []side{
			{"sqlite", oursReads(selectMany, 100)},
			{byHand, handReads(selectMany, 100)},
		},
	}
}

const byHand = "database/sql by hand"

func asGoodAsByHand(r result) bool {
	hand := r.peer(byHand)
	return r.ours().Ns <= 1.05*hand.Ns && r.ours().Allocs < hand.Allocs+0.5
}

// A user is a row.
type user struct {
	id   int64
	name string
	age  int64
}

// sum checks that rows were read, and the right ones.
type sum struct{ rows, ids int64 }

func (s sum) check(first, rows int64) error {
	if want := rows*first + rows*(rows-1)/2; s.rows != rows || s.ids != want {
		return fmt.Errorf("read %d rows whose ids add up to %d, want %d and %d", s.rows, s.ids, rows, want)
	}
	return nil
}

// bounds returns the argument of a query and the first id that it finds.
func bounds(i int, rows int64) (arg, first int64) {
	arg = int64(i % (sqlRows - 100))
	if rows == 1 {
		return arg + 1, arg + 1
	}
	return arg, arg + 1
}

// withFile opens a database in a directory of its own, which closing removes.
func withFile(open func(path string) (worker, error)) (worker, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return worker{}, err
	}
	w, err := open(filepath.Join(dir, "bench.db"))
	if err != nil {
		return worker{}, errors.Join(err, os.RemoveAll(dir))
	}
	inner := w.close
	w.close = func() error { return errors.Join(inner(), os.RemoveAll(dir)) }
	return w, nil
}

func oursReads(query string, rows int64) func(context.Context) (worker, error) {
	return func(ctx context.Context) (worker, error) {
		return withFile(func(path string) (worker, error) {
			db, err := sqlite.Open(ctx, sqlite.Config{Path: path})
			if err != nil {
				return worker{}, err
			}
			exec := func(ctx context.Context, q string) error { _, err := db.Exec(ctx, q); return err }
			if err := db.InTx(ctx, func(ctx context.Context) error { return fill(ctx, exec) }); err != nil {
				return worker{}, errors.Join(err, db.Close())
			}
			return worker{close: db.Close, ops: func(ctx context.Context, n int) error {
				for i := range n {
					arg, first := bounds(i, rows)
					if err := oursRead(ctx, db, query, arg, first, rows); err != nil {
						return err
					}
				}
				return nil
			}}, nil
		})
	}
}

func oursRead(ctx context.Context, db sqldb.DB, query string, arg, first, rows int64) error {
	var s sum
	var u user
	dest := []any{&u.id, &u.name, &u.age}
	scan := func(r sqldb.Rows) (user, error) { err := r.Scan(dest...); return u, err }
	for u, err := range sqldb.Select(ctx, db, scan, query, arg) {
		if err != nil {
			return err
		}
		s.rows++
		s.ids += u.id
	}
	return s.check(first, rows)
}

func handReads(query string, rows int64) func(context.Context) (worker, error) {
	return func(ctx context.Context) (worker, error) {
		return withFile(func(path string) (worker, error) {
			db, err := sql.Open("sqlite", path+"?_pragma=journal_mode(WAL)")
			if err != nil {
				return worker{}, err
			}
			db.SetMaxOpenConns(1) // so that the table is filled on the connection that reads it
			exec := func(ctx context.Context, q string) error { _, err := db.ExecContext(ctx, q); return err }
			if err := fill(ctx, exec); err != nil {
				return worker{}, errors.Join(err, db.Close())
			}
			stmt, err := db.PrepareContext(ctx, query)
			if err != nil {
				return worker{}, errors.Join(err, db.Close())
			}
			return worker{close: func() error { return errors.Join(stmt.Close(), db.Close()) }, ops: func(ctx context.Context, n int) error {
				for i := range n {
					arg, first := bounds(i, rows)
					if err := handRead(ctx, stmt, arg, first, rows); err != nil {
						return err
					}
				}
				return nil
			}}, nil
		})
	}
}

func handRead(ctx context.Context, stmt *sql.Stmt, arg, first, want int64) (err error) {
	rows, err := stmt.QueryContext(ctx, arg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var s sum
	var u user
	dest := []any{&u.id, &u.name, &u.age}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		s.rows++
		s.ids += u.id
	}
	return errors.Join(rows.Err(), s.check(first, want))
}

// fill makes the table and its rows.
func fill(ctx context.Context, exec func(context.Context, string) error) error {
	if err := exec(ctx, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER NOT NULL)"); err != nil {
		return err
	}
	for i := 1; i <= sqlRows; i++ {
		if err := exec(ctx, fmt.Sprintf("INSERT INTO users VALUES (%d, 'user number %d', %d)", i, i, i%100)); err != nil {
			return err
		}
	}
	return nil
}
