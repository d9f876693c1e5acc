package sqldbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func bulkRules() []Rule {
	return []Rule{
		{"upsert", "Upsert inserts rows or, where one with the key is there, replaces the other columns, and returns how many rows those were", upsert},
		{"upsert of much", "Upsert inserts rows or replaces the other columns, however many", upsertMuch},
		{"upsert of a key", "Without a key it only inserts; if the key is all of columns, what is there stays and is not counted", upsertKey},
		{"upsert of every value", "Values are the arguments of statements", upsertValues},
		{"upsert is atomic", "It is all or none, in the ambient transaction if there is one", upsertAtomic},
		{"upsert of an error", "An error of rows ends it and is returned", upsertError},
		{"upsert returning", "UpsertReturning does as Upsert, and returns each row that it inserted or replaced, as the table has it", upsertReturning},
		{"upsert returning of much", "UpsertReturning returns each row, however many, all or none", upsertReturningMuch},
		{"upsert refuses", "ErrArgument: columns and key that name what cannot be, and rows of another length", upsertRefuses},
	}
}

// numbered yields n rows of a number from first on and a text.
func numbered(first, n int, text string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		row := make([]any, 2) // used again: no row is kept
		for i := range n {
			row[0], row[1] = first+i, text
			if !yield(row, nil) {
				return
			}
		}
	}
}

var bulkColumns = []string{"n", "Some Text"}

// bulk makes a table for rows of numbered.
func (e *env) bulk(ctx context.Context) (string, error) {
	return e.table(ctx, `n bigint NOT NULL PRIMARY KEY, "Some Text" text, more bigint NOT NULL DEFAULT 7`)
}

// wantRows returns an error unless the table holds so many rows of text.
func (e *env) wantRows(ctx context.Context, table, text string, want int64) error {
	var n int64
	err := sqldb.QueryRow(ctx, e.db, "SELECT count(*) FROM "+table+` WHERE "Some Text" = $1 AND more = 7`, text).Scan(&n)
	if err == nil && n != want {
		err = fmt.Errorf("%d rows of %q, want %d", n, text, want)
	}
	return err
}

func upsert(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	n, err := sqldb.Upsert(ctx, e.db, name, bulkColumns, []string{"n"}, numbered(0, 600, "old"))
	if err != nil || n != 600 {
		return fmt.Errorf("Upsert of 600 = %d, %w", n, err)
	}
	n, err = sqldb.Upsert(ctx, e.db, name, bulkColumns, []string{"n"}, numbered(500, 200, "new"))
	if err != nil || n != 200 {
		return fmt.Errorf("Upsert of 200 = %d, %w", n, err)
	}
	if n, err = sqldb.Upsert(ctx, e.db, name, bulkColumns, []string{"n"}, numbered(0, 0, "")); err != nil || n != 0 {
		return fmt.Errorf("Upsert of none = %d, %w", n, err)
	}
	return errors.Join(e.wantRows(ctx, name, "old", 500), e.wantRows(ctx, name, "new", 200))
}

func upsertMuch(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	const many = 12_000
	for _, text := range []string{"old", "new"} {
		n, err := sqldb.Upsert(ctx, e.db, name, bulkColumns, []string{"n"}, numbered(0, many, text))
		if err != nil || n != many {
			return fmt.Errorf("Upsert of %d = %d, %w", many, n, err)
		}
	}
	return e.wantRows(ctx, name, "new", many)
}

func upsertReturning(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	type row struct {
		n, more int64
		text    string
	}
	scan := func(rows sqldb.Rows) (r row, err error) { err = rows.Scan(&r.n, &r.more, &r.text); return r, err }
	returning := []string{"n", "more", "Some Text"}
	for _, c := range []struct {
		first, n int
		text     string
	}{{0, 1200, "old"}, {700, 1100, "new"}, {0, 0, ""}} {
		got, err := sqldb.UpsertReturning(ctx, e.db, scan, returning, name, bulkColumns, []string{"n"}, numbered(c.first, c.n, c.text))
		if err != nil || len(got) != c.n {
			return fmt.Errorf("UpsertReturning of %d = %d rows, %w", c.n, len(got), err)
		}
		slices.SortFunc(got, func(a, b row) int { return int(a.n - b.n) })
		for i, r := range got {
			if want := (row{int64(c.first + i), 7, c.text}); r != want {
				return fmt.Errorf("UpsertReturning = %+v, want %+v", r, want)
			}
		}
	}
	refuse := func(sqldb.Rows) (row, error) { return row{}, errOwn }
	if _, err := sqldb.UpsertReturning(ctx, e.db, refuse, returning, name, bulkColumns, []string{"n"}, numbered(0, 5, "lost")); !errors.Is(err, errOwn) {
		return fmt.Errorf("UpsertReturning with an error of scan = %w", err)
	}
	for _, none := range [][]string{nil, {""}, {"n", "n"}} {
		_, err := sqldb.UpsertReturning(ctx, e.db, scan, none, name, bulkColumns, []string{"n"}, numbered(0, 5, "lost"))
		if err := wantIs("UpsertReturning of no column", err, sqldb.ErrArgument); err != nil {
			return err
		}
	}
	return errors.Join(e.wantRows(ctx, name, "old", 700), e.wantRows(ctx, name, "new", 1100))
}

func upsertReturningMuch(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	scan := func(rows sqldb.Rows) (n int64, err error) { err = rows.Scan(&n); return n, err }
	write := func(ctx context.Context, rows iter.Seq2[[]any, error]) ([]int64, error) {
		return sqldb.UpsertReturning(ctx, e.db, scan, []string{"n"}, name, bulkColumns, []string{"n"}, rows)
	}
	err = e.db.InTx(ctx, func(ctx context.Context) error {
		_, err := write(ctx, numbered(0, 700, "lost"))
		return errors.Join(err, errOwn)
	})
	if err := wantIs("InTx", err, errOwn); err != nil {
		return err
	}
	fails := func(yield func([]any, error) bool) {
		for row := range numbered(0, 700, "lost") {
			if !yield(row, nil) {
				return
			}
		}
		yield(nil, errOwn)
	}
	if got, err := write(ctx, fails); !errors.Is(err, errOwn) || len(got) != 0 {
		return fmt.Errorf("UpsertReturning of an error = %d rows, %w", len(got), err)
	}
	const many = 10_500
	for _, c := range []struct{ first, n int }{{0, many}, {many - 500, 1000}} { // none is there, then half
		got, err := write(ctx, numbered(c.first, c.n, "kept"))
		if err != nil || len(got) != c.n {
			return fmt.Errorf("UpsertReturning of %d = %d rows, %w", c.n, len(got), err)
		}
		slices.Sort(got)
		for i, n := range got {
			if n != int64(c.first+i) {
				return fmt.Errorf("UpsertReturning returned %d, want %d", n, c.first+i)
			}
		}
	}
	return errors.Join(e.wantRows(ctx, name, "kept", many+500), e.wantRows(ctx, name, "lost", 0))
}

func upsertKey(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	rows := func(yield func([]any, error) bool) { _ = yield([]any{1}, nil) && yield([]any{2}, nil) }
	n, err := sqldb.Upsert(ctx, e.db, name, []string{"n"}, []string{"n"}, rows)
	if err != nil || n != 1 {
		return fmt.Errorf("Upsert of keys alone = %d, %w, want 1", n, err)
	}
	_, err = sqldb.Upsert(ctx, e.db, name, []string{"n"}, nil, rows)
	if err := wantIs("Upsert without a key of what is there", err, sqldb.ErrUnique); err != nil {
		return err
	}
	return e.want(ctx, name, 1, 2)
}

func upsertValues(ctx context.Context, e *env) error {
	name, err := e.table(ctx, "id bigint NOT NULL PRIMARY KEY, t text, f double precision, b "+e.bytes()+", w timestamp")
	if err != nil {
		return err
	}
	at := time.Date(2026, 2, 3, 4, 5, 6, 789_012_345, time.FixedZone("", 3600))
	odd := "tab\t, line\n, \\N \\., NULL, \"quoted\", {1}, é\u2028"
	want := [][]any{
		{1, odd, math.Pi, []byte{0, 1, '\\', 0xff}, at},
		{2, nil, nil, nil, nil},
		{3, "", -0.5, []byte{}, at.AddDate(-1000, 0, 0)},
		{int64(math.MaxInt64), "NULL", math.MaxFloat64, []byte("x"), &at},
		{int64(math.MinInt64), `\N`, 5e-324, []byte(nil), (*time.Time)(nil)},
	}
	for _, n := range []int{len(want), 10_500} { // few and many take different ways
		rows := func(yield func([]any, error) bool) {
			for _, row := range want {
				row = slices.Clone(row)
				b, _ := row[3].([]byte)
				b = bytes.Clone(b)
				row[3] = b
				more := yield(row, nil)
				clear(b) // no row is kept
				if !more {
					return
				}
			}
			for i := len(want); i < n; i++ {
				if !yield([]any{100 + i, "fill", 1, nil, at}, nil) {
					return
				}
			}
		}
		if _, err := sqldb.Upsert(ctx, e.db, name, []string{"id", "t", "f", "b", "w"}, []string{"id"}, rows); err != nil {
			return err
		}
		for _, row := range want {
			if err := e.wantValues(ctx, name, row); err != nil {
				return fmt.Errorf("of %d rows: %w", n, err)
			}
		}
	}
	return nil
}

// bytes is the type of bytes, which the dialects do not agree on.
func (e *env) bytes() string {
	if e.db.Dialect() == sqldb.Postgres {
		return "bytea"
	}
	return "blob"
}

// wantValues returns an error unless the statement that wrote row by itself
// would have written the same.
func (e *env) wantValues(ctx context.Context, name string, row []any) error {
	var t, t2 *string
	var f, f2 *float64
	var b, b2 []byte
	var w, w2 *time.Time
	err := e.db.InTx(ctx, func(ctx context.Context) error {
		read := "SELECT t, f, b, w FROM " + name + " WHERE id = $1"
		if err := sqldb.QueryRow(ctx, e.db, read, row[0]).Scan(&t, &f, &b, &w); err != nil {
			return err
		}
		if _, err := e.db.Exec(ctx, "UPDATE "+name+" SET t = $2, f = $3, b = $4, w = $5 WHERE id = $1", row...); err != nil {
			return err
		}
		return errors.Join(sqldb.QueryRow(ctx, e.db, read, row[0]).Scan(&t2, &f2, &b2, &w2), errOwn)
	})
	if !errors.Is(err, errOwn) {
		return err
	}
	if !same(t, t2) || !same(f, f2) || (b == nil) != (b2 == nil) || !bytes.Equal(b, b2) || (w == nil) != (w2 == nil) || w != nil && !w.Equal(*w2) {
		return fmt.Errorf("row %v came as %v %v %v %v", row, t, f, b, w)
	}
	return nil
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

func upsertAtomic(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	for _, many := range []int{10, 1500, 12_000} {
		err := e.db.InTx(ctx, func(ctx context.Context) error {
			if _, err := sqldb.Upsert(ctx, e.db, name, bulkColumns, []string{"n"}, numbered(0, many, "x")); err != nil {
				return err
			}
			return errors.Join(e.wantRows(ctx, name, "x", int64(many)), errOwn)
		})
		if err := wantIs("InTx", err, errOwn); err != nil {
			return err
		}
		// The last row has a key that is there.
		if _, err := e.db.Exec(ctx, "INSERT INTO "+name+" (n) VALUES ($1)", many-1); err != nil {
			return err
		}
		_, err = sqldb.Upsert(ctx, e.db, name, bulkColumns, nil, numbered(0, many, "x"))
		if err := errors.Join(wantIs("Upsert", err, sqldb.ErrUnique), e.wantRows(ctx, name, "x", 0)); err != nil {
			return fmt.Errorf("of %d rows: %w", many, err)
		}
	}
	return nil
}

func upsertError(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	for _, many := range []int{10, 1500, 12_000} {
		rows := func(yield func([]any, error) bool) {
			for row := range numbered(0, many, "x") {
				if !yield(row, nil) {
					return
				}
			}
			yield(nil, errOwn)
		}
		n, err := sqldb.Upsert(ctx, e.db, name, bulkColumns, []string{"n"}, rows)
		if err := wantIs("Upsert", err, errOwn); err != nil || n != 0 {
			return fmt.Errorf("%d rows: %w", n, err)
		}
		if err := e.wantRows(ctx, name, "x", 0); err != nil {
			return err
		}
	}
	return nil
}

func upsertRefuses(ctx context.Context, e *env) error {
	name, err := e.bulk(ctx)
	if err != nil {
		return err
	}
	long := func(yield func([]any, error) bool) { yield([]any{1, "x", 3}, nil) }
	for _, c := range []struct {
		table        string
		columns, key []string
		rows         iter.Seq2[[]any, error]
	}{
		{"", bulkColumns, nil, numbered(0, 1, "x")},
		{name, nil, nil, numbered(0, 1, "x")},
		{name, []string{"n", "n"}, nil, numbered(0, 1, "x")},
		{name, []string{"n", ""}, nil, numbered(0, 1, "x")},
		{name, bulkColumns, []string{"more"}, numbered(0, 1, "x")},
		{name, bulkColumns, []string{"n", "n"}, numbered(0, 1, "x")},
		{name, bulkColumns, []string{"n"}, long},
	} {
		_, err := sqldb.Upsert(ctx, e.db, c.table, c.columns, c.key, c.rows)
		if err := wantIs(fmt.Sprintf("Upsert into %q of %q by %q", c.table, c.columns, c.key), err, sqldb.ErrArgument); err != nil {
			return err
		}
	}
	return e.wantRows(ctx, name, "x", 0)
}
