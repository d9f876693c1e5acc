package crud

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// All is the condition of [Update] and [Delete] that every row meets.
const All = "1 = 1"

// Query runs a statement and returns its rows.
func Query(ctx context.Context, q sqldb.Querier, sql string, args ...any) (QueryResult, error) {
	start := time.Now()
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return QueryResult{}, err
	}
	res := QueryResult{Columns: slices.Clone(rows.Columns())}
	values, dests := make([]any, len(res.Columns)), make([]any, len(res.Columns))
	for i := range values {
		dests[i] = &values[i]
	}
	for rows.Next() {
		clear(values)
		if err := rows.Scan(dests...); err != nil {
			return QueryResult{}, errs.Join(err, rows.Close())
		}
		row := make(map[string]any, len(values))
		for i, name := range res.Columns {
			row[name] = values[i]
		}
		res.Rows = append(res.Rows, row)
	}
	err = rows.Err()
	if cerr := rows.Close(); err == nil { // otherwise it is the same
		err = cerr
	}
	if err != nil {
		return QueryResult{}, err
	}
	res.Elapsed = time.Since(start)
	return res, nil
}

// Insert adds one row and returns its column id, such as one that the database
// counts; "" returns none.
func Insert(ctx context.Context, q sqldb.Querier, table string, values map[string]any, id string) (InsertResult, error) {
	names, err := check(table, values)
	if err != nil {
		return InsertResult{}, err
	}
	var s statement
	s.add("INSERT INTO ", sqldb.QuoteName(table), " (", sqldb.QuoteNames(names), ") VALUES (")
	for i, name := range names {
		if i > 0 {
			s.add(",")
		}
		s.arg(values[name])
	}
	s.add(")")
	start, res := time.Now(), InsertResult{Affected: 1}
	if id == "" {
		res.Affected, err = q.Exec(ctx, s.text(), s.args...)
	} else if err = name(id); err == nil {
		s.add(" RETURNING ", sqldb.QuoteName(id))
		err = sqldb.QueryRow(ctx, q, s.text(), s.args...).Scan(&res.ID)
	}
	if err != nil {
		return InsertResult{}, err
	}
	res.Elapsed = time.Since(start)
	return res, nil
}

// Update changes the rows that where holds for, SQL whose arguments are $1 and so on.
func Update(ctx context.Context, q sqldb.Querier, table string, values map[string]any, where string, args ...any) (UpdateResult, error) {
	names, err := check(table, values)
	if err == nil {
		err = condition(where)
	}
	if err != nil {
		return UpdateResult{}, err
	}
	s := statement{args: slices.Clone(args)}
	s.add("UPDATE ", sqldb.QuoteName(table), " SET ")
	for i, name := range names {
		if i > 0 {
			s.add(",")
		}
		s.add(sqldb.QuoteName(name), " = ")
		s.arg(values[name])
	}
	s.add(" WHERE ", where)
	start := time.Now()
	n, err := q.Exec(ctx, s.text(), s.args...)
	if err != nil {
		return UpdateResult{}, err
	}
	return UpdateResult{Affected: n, Elapsed: time.Since(start)}, nil
}

// Delete removes the rows that where holds for, SQL whose arguments are $1 and so on.
func Delete(ctx context.Context, q sqldb.Querier, table, where string, args ...any) (DeleteResult, error) {
	if err := errs.Join(tableName(table), condition(where)); err != nil {
		return DeleteResult{}, err
	}
	start := time.Now()
	n, err := q.Exec(ctx, "DELETE FROM "+sqldb.QuoteName(table)+" WHERE "+where, args...)
	if err != nil {
		return DeleteResult{}, err
	}
	return DeleteResult{Affected: n, Elapsed: time.Since(start)}, nil
}

// A statement is written from the left.
type statement struct {
	b    strings.Builder
	args []any
}

func (s *statement) add(parts ...string) {
	for _, p := range parts {
		s.b.WriteString(p)
	}
}

func (s *statement) arg(v any) {
	s.args = append(s.args, v)
	s.add("$", strconv.Itoa(len(s.args)))
}

func (s *statement) text() string { return s.b.String() }

// check returns the names of values, sorted: the same columns are the same statement.
func check(table string, values map[string]any) ([]string, error) {
	names := slices.Sorted(maps.Keys(values))
	if len(names) == 0 {
		return nil, sqldb.ErrArgument.Wrap(nil, "crud: no values for %q", table)
	}
	err := tableName(table)
	for _, n := range names {
		err = errs.Join(err, name(n))
	}
	return names, err
}

func condition(where string) error {
	if strings.TrimSpace(where) == "" {
		return sqldb.ErrArgument.Wrap(nil, "crud: the condition is empty: use crud.All if every row is meant")
	}
	return nil
}

func tableName(table string) error {
	schema, rest, dot := strings.Cut(table, ".")
	if dot {
		return errs.Join(name(schema), name(rest))
	}
	return name(table)
}

// name refuses what is not a plain name.
func name(s string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
	if s == "" || len(s) > 63 || !strings.Contains(letters, s[:1]) || strings.Trim(s, letters+"0123456789") != "" {
		return sqldb.ErrArgument.Wrap(nil, "crud: %.70q is not a name of 1 to 63 letters, digits and underscores", s)
	}
	return nil
}
