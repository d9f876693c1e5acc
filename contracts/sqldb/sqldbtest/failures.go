package sqldbtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func errorRules() []Rule {
	return []Rule{
		{"family", "Err is the family of them all", family},
		{"unique", "ErrUnique: an error that matches it, and a ConstraintError", refused("INSERT INTO %s (n, m, parent) VALUES (1, 2, 1)", sqldb.ErrUnique)},
		{"foreign key", "ErrForeignKey: an error that matches it, and a ConstraintError", refused("INSERT INTO %s (n, m, parent) VALUES (2, 2, 99)", sqldb.ErrForeignKey)},
		{"not null", "ErrConstraint: not null", refused("INSERT INTO %s (n, m, parent) VALUES (2, NULL, 1)", sqldb.ErrConstraint)},
		{"check", "ErrConstraint: check", refused("INSERT INTO %s (n, m, parent) VALUES (2, -2, 1)", sqldb.ErrConstraint)},
		{"constraint error", "A ConstraintError says which constraint refused a row", constraintError},
		{"errors of rows", "An error of the statement comes here, from Rows.Err or from Rows.Close, each time with its sentinel", rowsErrors},
	}
}

// guarded makes a table that refuses much, with one row.
func (e *env) guarded(ctx context.Context) (string, error) {
	parent, err := e.numbers(ctx, 1)
	if err != nil {
		return "", err
	}
	name, err := e.table(ctx, "n bigint NOT NULL PRIMARY KEY, m bigint NOT NULL CHECK (m > 0), parent bigint NOT NULL REFERENCES "+parent+" (n)")
	if err == nil {
		_, err = e.db.Exec(ctx, "INSERT INTO "+name+" (n, m, parent) VALUES (1, 1, 1)")
	}
	return name, err
}

func family(ctx context.Context, e *env) error {
	for _, sql := range []string{"SELECT FROM WHERE", "SELECT * FROM lexigram_test_no_such_table", "INSERT INTO lexigram_test_no_such_table VALUES (1)"} {
		rows, err := e.db.Query(ctx, sql)
		if err == nil {
			rows.Next()
			err = errors.Join(rows.Err(), rows.Close())
		}
		if err := wantIs("Query("+sql+")", err, sqldb.Err); err != nil {
			return err
		}
		_, err = e.db.Exec(ctx, sql)
		if err := wantIs("Exec("+sql+")", err, sqldb.Err); err != nil {
			return err
		}
	}
	return nil
}

// refused returns a check that a statement on a guarded table is refused so.
func refused(sql string, want error) func(context.Context, *env) error {
	return func(ctx context.Context, e *env) error {
		name, err := e.guarded(ctx)
		if err != nil {
			return err
		}
		_, err = e.db.Exec(ctx, fmt.Sprintf(sql, name))
		if err := wantIs("Exec", err, want); err != nil {
			return err
		}
		for _, other := range []error{sqldb.ErrUnique, sqldb.ErrForeignKey, sqldb.ErrConstraint} {
			if other != want && errors.Is(err, other) {
				return fmt.Errorf("%v is also %v", err, other)
			}
		}
		return nil
	}
}

func constraintError(ctx context.Context, e *env) error {
	name, err := e.guarded(ctx)
	if err != nil {
		return err
	}
	_, err = e.db.Exec(ctx, "INSERT INTO "+name+" (n, m, parent) VALUES (1, 1, 1)")
	c, ok := errors.AsType[*sqldb.ConstraintError](err)
	if !ok || c.Kind != error(sqldb.ErrUnique) || c.Table != name || c.Constraint == "" && c.Column == "" {
		return fmt.Errorf("%v holds %+v, want a ConstraintError with the table %s and a constraint or column", err, c, name)
	}
	return nil
}

func rowsErrors(ctx context.Context, e *env) error {
	name, err := e.numbers(ctx, 3)
	if err != nil {
		return err
	}
	rows, err := e.db.Query(ctx, "INSERT INTO "+name+" (n) VALUES (1), (2), (3) RETURNING n")
	if err == nil {
		for rows.Next() {
		}
		if err = rows.Err(); err == nil {
			err = rows.Close()
		}
	}
	if err := wantIs("INSERT … RETURNING of a key that exists", err, sqldb.ErrUnique); err != nil {
		return err
	}
	return e.want(ctx, name, 3)
}
