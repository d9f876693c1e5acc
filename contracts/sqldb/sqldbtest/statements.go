package sqldbtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func statementRules() []Rule {
	return []Rule{
		{"placeholders repeat", "Placeholders are $1, $2, … and may repeat and come in any order", placeholdersRepeat},
		{"placeholders in any order", "Placeholders are $1, $2, … and may repeat and come in any order", placeholdersOrder},
		{"placeholders in literals", "Placeholders are $1, $2, …: text in quotes and comments is none", placeholdersQuoted},
		{"999 placeholders", "a statement has at most 999 of them: every backend accepts so many", placeholdersMany},
		{"one statement", "A text is one statement, which a semicolon may end: several are an error before any effect", oneStatement},
		{"affected rows", "Exec runs a statement and returns the number of rows it affected", affectedRows},
		{"query may write", "Query returns the rows of a statement, which may write (RETURNING)", queryWrites},
		{"query of nothing", "Rows is a forward cursor: of no rows, Next is false", queryNothing},
		{"many rows", "Rows is a forward cursor: over all rows, however many", manyRows},
		{"columns", "Columns returns the names of the columns", columnNames},
		{"rows close themselves", "It closes itself when Next returns false or Scan fails, and Err has the reason", rowsClose},
		{"dialect", "Dialect never changes and does no I/O", dialect},
	}
}

func placeholdersRepeat(ctx context.Context, e *env) error {
	var a, b, c string
	err := sqldb.QueryRow(ctx, e.db, "SELECT CAST($1 AS text), CAST($2 AS text), CAST($1 AS text)", "x", "y").Scan(&a, &b, &c)
	if err != nil || a+b+c != "xyx" {
		return fmt.Errorf("SELECT $1, $2, $1 of x, y = %q, %v", a+b+c, err)
	}
	return nil
}

func placeholdersOrder(ctx context.Context, e *env) error {
	var a, b string
	err := sqldb.QueryRow(ctx, e.db, "SELECT CAST($2 AS text), CAST($1 AS text)", "x", "y").Scan(&a, &b)
	if err != nil || a+b != "yx" {
		return fmt.Errorf("SELECT $2, $1 of x, y = %q, %v", a+b, err)
	}
	return nil
}

func oneStatement(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1)
	if err != nil {
		return err
	}
	several := "DELETE FROM " + name + "; DELETE FROM " + name
	_, exec := e.db.Exec(ctx, several)
	rows, query := e.db.Query(ctx, several)
	if query == nil {
		query = rows.Close()
	}
	if exec == nil || query == nil {
		return fmt.Errorf("Exec and Query of %q = %v, %v, want errors", several, exec, query)
	}
	if err := e.want(ctx, name, 1); err != nil {
		return err
	}
	if _, err := e.db.Exec(ctx, "DELETE FROM "+name+" ; -- done"); err != nil {
		return err
	}
	return e.want(ctx, name)
}

func placeholdersQuoted(ctx context.Context, e *env) error {
	var a, b string
	err := sqldb.QueryRow(ctx, e.db, `SELECT '$2 ''$3', CAST($1 AS text) AS "$4" /* $5 */ -- $6`, "x").Scan(&a, &b)
	if err != nil || a != "$2 '$3" || b != "x" {
		return fmt.Errorf("literal and argument = %q, %q, %v", a, b, err)
	}
	return nil
}

func placeholdersMany(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var sql strings.Builder
	args := make([]any, sqldb.MaxParams)
	for i := range args {
		args[i] = i
		fmt.Fprintf(&sql, ", ($%d)", i+1)
	}
	n, err := e.db.Exec(ctx, "INSERT INTO "+name+" (n) VALUES "+sql.String()[2:], args...)
	if err != nil || n != sqldb.MaxParams {
		return fmt.Errorf("INSERT of %d rows = %d, %v", sqldb.MaxParams, n, err)
	}
	var sum int64
	err = sqldb.QueryRow(ctx, e.db, "SELECT CAST(sum(n) AS bigint) FROM "+name).Scan(&sum)
	if err == nil && sum != sqldb.MaxParams*(sqldb.MaxParams-1)/2 {
		err = fmt.Errorf("the rows add up to %d", sum)
	}
	return err
}

func affectedRows(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1, 2, 3)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		sql  string
		want int64
	}{
		{"UPDATE " + name + " SET n = n + 10 WHERE n > 1", 2},
		{"CREATE INDEX " + name + "_i ON " + name + " (n)", 0},
		{"SELECT n FROM " + name, 0},
		{"DELETE FROM " + name + " WHERE n = 99", 0},
		{"DELETE FROM " + name, 3},
	} {
		if got, err := e.db.Exec(ctx, c.sql); err != nil || got != c.want {
			return fmt.Errorf("%s affected %d rows, %v, want %d", c.sql, got, err, c.want)
		}
	}
	return nil
}

func manyRows(ctx context.Context, e *env) error {
	const rows = 5_000
	var n int64
	for got, err := range sqldb.Select(ctx, e.db, scanNumber,
		"WITH RECURSIVE c(n) AS (SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM c WHERE n < $1) SELECT n FROM c", rows) {
		if err != nil {
			return err
		}
		if n++; got != n {
			return fmt.Errorf("row %d of %d is %d", n, rows, got)
		}
	}
	if n != rows {
		return fmt.Errorf("%d rows came, want %d", n, rows)
	}
	return nil
}

func queryWrites(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var got []int64
	for n, err := range sqldb.Select(ctx, e.db, scanNumber, "INSERT INTO "+name+" (n) VALUES ($1), ($2) RETURNING n * 10", 1, 2) {
		if err != nil {
			return err
		}
		// the write is over, or it would keep this one waiting
		if err := e.insert(ctx, name, int(n)); e.db.Dialect() == sqldb.SQLite && err != nil {
			return fmt.Errorf("INSERT between RETURNING rows: %w", err)
		}
		got = append(got, n)
	}
	slices.Sort(got)
	if !slices.Equal(got, []int64{10, 20}) {
		return fmt.Errorf("INSERT … RETURNING = %v, want 10 and 20", got)
	}
	return e.want(ctx, name, 1, 2, 10, 20)
}

func queryNothing(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx)
	if err != nil {
		return err
	}
	var n int64
	return wantIs("QueryRow of an empty table", sqldb.QueryRow(ctx, e.db, "SELECT n FROM "+name).Scan(&n), sqldb.ErrNoRows)
}

func columnNames(ctx context.Context, e *env) error {
	rows, err := e.db.Query(ctx, "SELECT 1 AS one, 2 AS two_2")
	if err != nil {
		return err
	}
	got := rows.Columns()
	if err := rows.Close(); err != nil {
		return err
	}
	if !slices.Equal(got, []string{"one", "two_2"}) {
		return fmt.Errorf("Columns = %q", got)
	}
	return nil
}

func rowsClose(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 1, 2)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(ctx context.Context) error {
		rows, err := e.db.Query(ctx, "SELECT n FROM "+name)
		if err != nil {
			return err
		}
		if !rows.Next() {
			return errors.Join(errors.New("no row"), rows.Err())
		}
		var wrong bool
		serr := rows.Scan(&wrong, &wrong)
		if serr == nil || rows.Next() || rows.Err() == nil {
			return fmt.Errorf("after a Scan that failed with %v: Next is true, or Err nil", serr)
		}
		// The rows are closed, so that the transaction goes on.
		if rows, err = e.db.Query(ctx, "SELECT n FROM "+name); err != nil {
			return fmt.Errorf("after a Scan that failed: %w", err)
		}
		for rows.Next() {
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if err := e.insert(ctx, name, 3); err != nil {
			return fmt.Errorf("after Next returned false: %w", err)
		}
		return nil
	})
}

func dialect(_ context.Context, e *env) error {
	d := e.db.Dialect()
	if d == "" || e.db.Dialect() != d {
		return fmt.Errorf("Dialect = %q, then %q", d, e.db.Dialect())
	}
	return nil
}
