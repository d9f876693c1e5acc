package sqldb

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
)

// A BulkWriter is a [DB] that takes many rows faster than statements can; see [Upsert].
type BulkWriter interface {
	// Upsert is what [Upsert] promises.
	Upsert(ctx context.Context, table string, columns, key []string, rows iter.Seq2[[]any, error]) (int64, error)
}

// A BulkReturner is a [DB] that returns rows of an upsert faster than
// statements can; see [UpsertReturning].
type BulkReturner interface {
	// UpsertReturning is what [UpsertReturning] promises. each is called with
	// rows that stand at one, and does no more than scan it; an error of it is
	// returned, and nothing is done.
	UpsertReturning(ctx context.Context, each func(Rows) error, returning []string, table string, columns, key []string, rows iter.Seq2[[]any, error]) error
}

// Upsert inserts rows or, where one with the key is there, replaces the other
// columns, and returns how many rows those were. It is all or none, in the
// ambient transaction if there is one, which then fails with it. Without a key
// it only inserts; if the key is all of columns, what is there stays and is not counted.
// Each key comes once: of two rows with the same one, either wins, or it is an error.
//
// Names are taken as they are, in their case; a dot stands between schema and
// table. Values are the arguments of statements. An error of rows ends it and
// is returned. No row is kept when yield has returned. rows is ranged over
// once: a lost race is an error, which a transaction around it repeats.
//
// It uses what [BulkWriter] the database is, or else statements of many rows.
func Upsert(ctx context.Context, db DB, table string, columns, key []string, rows iter.Seq2[[]any, error]) (int64, error) {
	if w, ok := db.(BulkWriter); ok {
		from, refused := watched(rows)
		if n, err := w.Upsert(ctx, table, columns, key, from); !refused(err) {
			return n, err
		}
	}
	u, err := newUpsert(table, columns, key)
	if err != nil {
		return 0, err
	}
	u.run = db.Exec
	if err := u.write(ctx, db, rows); err != nil {
		return 0, err
	}
	return u.total, nil
}

// UpsertReturning does as [Upsert], and returns what scan makes of each row
// that it inserted or replaced, in no order: the columns of returning, as the
// table has them now. Those may be others than columns, such as a number that
// the database has counted.
//
// It uses what [BulkReturner] the database is, or else one statement for each 999 values.
func UpsertReturning[T any](ctx context.Context, db DB, scan func(Rows) (T, error), returning []string, table string, columns, key []string, rows iter.Seq2[[]any, error]) ([]T, error) {
	var all []T
	if w, ok := db.(BulkReturner); ok {
		each := func(r Rows) error {
			v, err := scan(r)
			if err == nil {
				all = append(all, v)
			}
			return err
		}
		from, refused := watched(rows)
		if err := w.UpsertReturning(ctx, each, returning, table, columns, key, from); err == nil {
			return all, nil
		} else if !refused(err) {
			return nil, err
		}
	}
	u, err := newUpsert(table, columns, key)
	if err == nil {
		err = checkNames(table, returning)
	}
	if err != nil {
		return nil, err
	}
	u.tail += " RETURNING " + QuoteNames(returning)
	u.run = func(ctx context.Context, sql string, args ...any) (int64, error) {
		for v, err := range Select(ctx, db, scan, sql, args...) {
			if err != nil {
				return 0, err
			}
			all = append(all, v)
		}
		return 0, nil
	}
	if err := u.write(ctx, db, rows); err != nil {
		return nil, err
	}
	return all, nil
}

// watched returns rows, and whether an error is a refusal before any was asked
// for: one of rows may say that something is unsupported, too.
func watched(rows iter.Seq2[[]any, error]) (_ iter.Seq2[[]any, error], refused func(error) bool) {
	begun := false
	return func(yield func([]any, error) bool) { begun = true; rows(yield) },
		func(err error) bool { return !begun && errors.Is(err, errors.ErrUnsupported) }
}

// upsert gathers rows into statements.
type upsert struct {
	columns    int
	head, tail string
	run        func(ctx context.Context, sql string, args ...any) (int64, error)
	args       []any
	total      int64
}

// write sends rows in one transaction.
func (u *upsert) write(ctx context.Context, db DB, rows iter.Seq2[[]any, error]) error {
	return db.InTx(ctx, func(ctx context.Context) error {
		for row, err := range rows {
			if err == nil {
				err = u.add(ctx, row)
			}
			if err != nil {
				return err
			}
		}
		return u.flush(ctx)
	}, WithPropagation(Join), MaxAttempts(1))
}

func newUpsert(table string, columns, key []string) (*upsert, error) {
	if err := CheckUpsert(table, columns, key); err != nil {
		return nil, err
	}
	head := "INSERT INTO " + QuoteName(table) + " (" + QuoteNames(columns) + ") VALUES "
	return &upsert{columns: len(columns), head: head, tail: OnConflict(columns, key)}, nil
}

func (u *upsert) add(ctx context.Context, row []any) error {
	if len(row) != u.columns {
		return ErrArgument.Wrap(nil, "sql: upsert: a row of %d values for %d columns", len(row), u.columns)
	}
	for _, v := range row {
		u.args = append(u.args, own(v))
	}
	if len(u.args)+u.columns > MaxParams {
		return u.flush(ctx)
	}
	return nil
}

// own returns v without what its owner may change before it is sent: bytes, and
// what pointers point to.
func own(v any) any {
	if is, err := driver.DefaultParameterConverter.ConvertValue(v); err == nil { // what it does not take the statement refuses
		v = is
	}
	if b, ok := v.([]byte); ok {
		return bytes.Clone(b)
	}
	return v
}

func (u *upsert) flush(ctx context.Context) error {
	if len(u.args) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(u.head)
	for i := range u.args {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%u.columns == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	b.WriteString(u.tail)
	n, err := u.run(ctx, b.String(), u.args...)
	u.total, u.args = u.total+n, u.args[:0]
	return err
}

// CheckUpsert refuses what no [BulkWriter] can do, with [ErrArgument]; for implementers.
func CheckUpsert(table string, columns, key []string) error {
	if err := checkNames(table, columns); err != nil {
		return err
	}
	left := slices.Clone(columns)
	for _, k := range key {
		i := slices.Index(left, k)
		if i < 0 {
			return ErrArgument.Wrap(fmt.Errorf("the key names %q, which is not one of columns, or twice", k), "sql: upsert into %q", table)
		}
		left = slices.Delete(left, i, i+1)
	}
	return nil
}

func checkNames(table string, columns []string) error {
	if table == "" || len(columns) == 0 || len(columns) > MaxParams {
		return ErrArgument.Wrap(errors.New("name a table and 1 to 999 columns"), "sql: upsert into %q", table)
	}
	for i, c := range columns {
		if c == "" || slices.Contains(columns[:i], c) || strings.IndexByte(c, 0) >= 0 {
			return ErrArgument.Wrap(errors.New("each column has a name and comes once"), "sql: upsert into %q", table)
		}
	}
	return nil
}

// QuoteName quotes name, whose parts are separated by dots, for both dialects.
func QuoteName(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, `"`, `""`), ".", `"."`) + `"`
}

// QuoteNames quotes names that are of one part each, and separates them by commas.
func QuoteNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ",")
}

// OnConflict returns what ends the statement of an [Upsert]; for implementers.
func OnConflict(columns, key []string) string {
	if len(key) == 0 {
		return ""
	}
	isKey := map[string]bool{}
	for _, k := range key {
		isKey[k] = true
	}
	var set []string
	for _, c := range columns {
		if !isKey[c] {
			q := QuoteNames([]string{c})
			set = append(set, q+" = excluded."+q)
		}
	}
	on := " ON CONFLICT (" + QuoteNames(key) + ") DO "
	if len(set) == 0 {
		return on + "NOTHING"
	}
	return on + "UPDATE SET " + strings.Join(set, ", ")
}
