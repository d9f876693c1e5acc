package sqldb

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"iter"
	"strconv"
	"strings"
)

// A BulkWriter is a [DB] that takes many rows faster than statements can; see [Upsert].
type BulkWriter interface {
	// Upsert is what [Upsert] promises.
	Upsert(ctx context.Context, table string, columns, key []string, rows iter.Seq2[[]any, error]) (int64, error)
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
		begun := false
		n, err := w.Upsert(ctx, table, columns, key, func(yield func([]any, error) bool) { begun = true; rows(yield) })
		if begun || !errors.Is(err, errors.ErrUnsupported) { // which may be an error of rows
			return n, err
		}
	}
	u, err := newUpsert(table, columns, key)
	if err != nil {
		return 0, err
	}
	err = db.InTx(ctx, func(ctx context.Context) error {
		for row, err := range rows {
			if err == nil {
				err = u.add(ctx, db, row)
			}
			if err != nil {
				return err
			}
		}
		return u.flush(ctx, db)
	}, WithPropagation(Join), MaxAttempts(1))
	if err != nil {
		return 0, err
	}
	return u.total, nil
}

// upsert gathers rows into statements.
type upsert struct {
	columns    int
	head, tail string
	args       []any
	total      int64
}

func newUpsert(table string, columns, key []string) (*upsert, error) {
	if err := CheckUpsert(table, columns, key); err != nil {
		return nil, err
	}
	head := "INSERT INTO " + QuoteName(table) + " (" + quoteAll(columns) + ") VALUES "
	return &upsert{columns: len(columns), head: head, tail: OnConflict(columns, key)}, nil
}

func (u *upsert) add(ctx context.Context, db DB, row []any) error {
	if len(row) != u.columns {
		return ErrArgument.Wrap(nil, "sql: upsert: a row of %d values for %d columns", len(row), u.columns)
	}
	for _, v := range row {
		u.args = append(u.args, own(v))
	}
	if len(u.args)+u.columns > MaxParams {
		return u.flush(ctx, db)
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

func (u *upsert) flush(ctx context.Context, db DB) error {
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
	n, err := db.Exec(ctx, b.String(), u.args...)
	u.total, u.args = u.total+n, u.args[:0]
	return err
}

// CheckUpsert refuses what no [BulkWriter] can do, with [ErrArgument]; for implementers.
func CheckUpsert(table string, columns, key []string) error {
	bad := func(why string) error { return ErrArgument.Wrap(errors.New(why), "sql: upsert into %q", table) }
	if table == "" || len(columns) == 0 || len(columns) > MaxParams {
		return bad("name a table and 1 to 999 columns")
	}
	seen := map[string]bool{}
	for _, c := range columns {
		if c == "" || seen[c] || strings.IndexByte(c, 0) >= 0 {
			return bad("each column has a name and comes once")
		}
		seen[c] = true
	}
	for _, k := range key {
		if !seen[k] {
			return bad("the key names " + strconv.Quote(k) + ", which is not one of columns, or twice")
		}
		seen[k] = false
	}
	return nil
}

// QuoteName quotes name, whose parts are separated by dots, for both dialects.
func QuoteName(name string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(name, `"`, `""`), ".", `"."`) + `"`
}

// quoteAll quotes names that are of one part each.
func quoteAll(names []string) string {
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
			q := quoteAll([]string{c})
			set = append(set, q+" = excluded."+q)
		}
	}
	on := " ON CONFLICT (" + quoteAll(key) + ") DO "
	if len(set) == 0 {
		return on + "NOTHING"
	}
	return on + "UPDATE SET " + strings.Join(set, ", ")
}
