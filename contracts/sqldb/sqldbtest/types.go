package sqldbtest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func typeRules() []Rule {
	return []Rule{
		{"arguments", "Arguments are nil, bool, any integer or float, string, []byte, time.Time, pointers to those, and driver.Valuer", arguments},
		{"destinations", "destinations are pointers to the same and sql.Scanner", destinations},
		{"nil pointers", "pointers to those: a nil one is NULL, both ways", nilPointers},
		{"null is not a value", "destinations are pointers to the same: NULL fits only where there is a nil", nullRefused},
		{"extreme values", "Arguments are any integer or float, string, []byte: they come back as they were", extremes},
		{"large values", "Arguments are string, []byte: they come back as they were, however long", largeValues},
		{"scan errors", "A ScanError says which column did not fit its destination; it is Err", scanErrors},
		{"slices", "Slices are not arguments: pass JSON", slicesRefused},
		{"text", "a string that is not UTF-8 without NUL is ErrArgument and does not fail the transaction", textRefused},
	}
}

// every is the columns of a table with one of each type, in words that every dialect knows.
const every = "id bigint PRIMARY KEY, i bigint, f double precision, s text, b bytea, t timestamp with time zone, o boolean"

// upper is a driver.Valuer and a sql.Scanner.
type upper struct{ s string }

func (u upper) Value() (driver.Value, error) { return "<" + u.s + ">", nil }

func (u *upper) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("scan of a %T", src)
	}
	u.s = s
	return nil
}

func arguments(ctx context.Context, e *env) error {
	name, err := e.table(ctx, every)
	if err != nil {
		return err
	}
	i, f, s, o, b, t := int32(7), float32(1.5), "text", true, []byte{0, 1}, time.Unix(1e9, 0)
	for id, args := range [][]any{
		{int64(7), 1.5, "text", b, t, true},
		{7, f, s, b, t, o},
		{int8(7), 1.5, s, b, t, o},
		{uint16(7), 1.5, s, b, t, o},
		{uint64(7), 1.5, s, b, t, o},
		{&i, &f, &s, &b, &t, &o},
	} {
		_, err := e.db.Exec(ctx, "INSERT INTO "+name+" (id, i, f, s, b, t, o) VALUES ($1, $2, $3, $4, $5, $6, $7)", append([]any{id}, args...)...)
		if err != nil {
			return fmt.Errorf("arguments %T: %w", args, err)
		}
		var got struct {
			i int64
			f float64
			s string
			b []byte
			t time.Time
			o bool
		}
		err = sqldb.QueryRow(ctx, e.db, "SELECT i, f, s, b, t, o FROM "+name+" WHERE id = $1", id).
			Scan(&got.i, &got.f, &got.s, &got.b, &got.t, &got.o)
		if err != nil || got.i != 7 || got.f != 1.5 || got.s != s || string(got.b) != string(b) || !got.t.Equal(t) || !got.o {
			return fmt.Errorf("arguments %v came back as %+v, %v", args, got, err)
		}
	}
	var got string
	err = sqldb.QueryRow(ctx, e.db, "SELECT CAST($1 AS text)", upper{"v"}).Scan(&got)
	if err != nil || got != "<v>" {
		return fmt.Errorf("driver.Valuer came back as %q, %v", got, err)
	}
	return nil
}

func destinations(ctx context.Context, e *env) error {
	name, err := e.table(ctx, every)
	if err != nil {
		return err
	}
	_, err = e.db.Exec(ctx, "INSERT INTO "+name+" (id, i, f, s, b, t, o) VALUES (1, $1, $2, $3, $4, $5, $6)",
		7, 1.5, "text", []byte{0, 1}, time.Unix(1e9, 0), true)
	if err != nil {
		return err
	}
	row := func(dest ...any) error {
		return sqldb.QueryRow(ctx, e.db, "SELECT i, f, s, b, t, o FROM "+name).Scan(dest...)
	}
	var (
		i8  int8
		u32 uint32
		f32 float32
		s   string
		b   []byte
		t   time.Time
		o   bool
	)
	if err := row(&i8, &f32, &s, &b, &t, &o); err != nil || i8 != 7 || f32 != 1.5 || s != "text" || len(b) != 2 || t.Unix() != 1e9 || !o {
		return fmt.Errorf("row = %v %v %q %v %v %v, %w", i8, f32, s, b, t, o, err)
	}
	var (
		pi *int
		pf *float64
		ps *string
		pt *time.Time
		po *bool
	)
	if err := row(&pi, &pf, &ps, &b, &pt, &po); err != nil || *pi != 7 || *pf != 1.5 || *ps != "text" || pt.Unix() != 1e9 || !*po {
		return fmt.Errorf("row into pointers: %w", err)
	}
	var (
		up upper
		nt sql.Null[time.Time]
		no sql.NullBool
	)
	if err := row(&u32, &f32, &up, &b, &nt, &no); err != nil || u32 != 7 || up.s != "text" || !nt.V.Equal(t) || !no.Bool {
		return fmt.Errorf("row into sql.Scanner = %v %v %v %v, %w", u32, up, nt, no, err)
	}
	if _, err := e.db.Exec(ctx, "UPDATE "+name+" SET i = 300"); err != nil {
		return err
	}
	if err := sqldb.QueryRow(ctx, e.db, "SELECT i FROM "+name).Scan(&i8); err == nil {
		return fmt.Errorf("300 went into an int8 as %d", i8)
	}
	return nil
}

func nilPointers(ctx context.Context, e *env) error {
	name, err := e.table(ctx, every)
	if err != nil {
		return err
	}
	_, err = e.db.Exec(ctx, "INSERT INTO "+name+" (id, i, f, s, b, t, o) VALUES (1, $1, $2, $3, $4, $5, $6)",
		(*int)(nil), (*float64)(nil), (*string)(nil), nil, (*time.Time)(nil), (*bool)(nil))
	if err != nil {
		return err
	}
	var nulls int64
	err = sqldb.QueryRow(ctx, e.db, "SELECT count(*) FROM "+name+
		" WHERE i IS NULL AND f IS NULL AND s IS NULL AND b IS NULL AND t IS NULL AND o IS NULL").Scan(&nulls)
	if err != nil || nulls != 1 {
		return fmt.Errorf("nil pointers are not all NULL: %w", err)
	}
	i, f, s, b, t, o := new(int), new(float64), new(string), []byte{1}, new(time.Time), new(bool)
	err = sqldb.QueryRow(ctx, e.db, "SELECT i, f, s, b, t, o FROM "+name).Scan(&i, &f, &s, &b, &t, &o)
	if err != nil || i != nil || f != nil || s != nil || b != nil || t != nil || o != nil {
		return fmt.Errorf("NULLs are %v %v %v %v %v %v, %w", i, f, s, b, t, o, err)
	}
	return nil
}

func nullRefused(ctx context.Context, e *env) error {
	var s string
	if err := sqldb.QueryRow(ctx, e.db, "SELECT CAST(NULL AS text)").Scan(&s); err == nil || !errors.Is(err, sqldb.Err) {
		return fmt.Errorf("Scan of NULL into a *string = %v, want an error of the family", err)
	}
	return nil
}

func extremes(ctx context.Context, e *env) error {
	name, err := e.table(ctx, every)
	if err != nil {
		return err
	}
	for id, c := range []struct {
		i int64
		f float64
		s string
		b []byte
	}{
		{math.MaxInt64, math.MaxFloat64, "", []byte{}},
		{math.MinInt64, math.SmallestNonzeroFloat64, "é\u2028𝄞 'quoted' $1 ?", []byte{0}},
		{0, math.Inf(1), "007", []byte("\xff\xfe'")},
		{-1, math.Inf(-1), " 1e3 ", make([]byte, 1<<16)},
	} {
		_, err := e.db.Exec(ctx, "INSERT INTO "+name+" (id, i, f, s, b) VALUES ($1, $2, $3, $4, $5)", id, c.i, c.f, c.s, c.b)
		if err != nil {
			return fmt.Errorf("%v: %w", c.i, err)
		}
		var (
			i int64
			f float64
			s string
			b []byte
		)
		err = sqldb.QueryRow(ctx, e.db, "SELECT i, f, s, b FROM "+name+" WHERE id = $1", id).Scan(&i, &f, &s, &b)
		if err != nil || i != c.i || f != c.f || s != c.s || b == nil || string(b) != string(c.b) {
			return fmt.Errorf("%v %v %q %.20q came back as %v %v %q %.20q, %w", c.i, c.f, c.s, c.b, i, f, s, b, err)
		}
	}
	return nil
}

func largeValues(ctx context.Context, e *env) error {
	name, err := e.table(ctx, every)
	if err != nil {
		return err
	}
	want := strings.Repeat("0123456789é\n", 1<<17)
	if _, err := e.db.Exec(ctx, "INSERT INTO "+name+" (id, s, b) VALUES (1, $1, $2)", want, []byte(want)); err != nil {
		return err
	}
	var s string
	var b []byte
	err = sqldb.QueryRow(ctx, e.db, "SELECT s, b FROM "+name).Scan(&s, &b)
	if err == nil && (s != want || string(b) != want) {
		err = fmt.Errorf("%d bytes came back as text of %d and bytes of %d, or as others", len(want), len(s), len(b))
	}
	return err
}

func slicesRefused(ctx context.Context, e *env) error {
	return e.db.InTx(ctx, func(ctx context.Context) error {
		for _, arg := range []any{[]int{1}, []string{"a"}, map[string]int{}, struct{}{}, uint64(math.MaxUint64)} {
			var s string
			err := sqldb.QueryRow(ctx, e.db, "SELECT CAST($1 AS text)", arg).Scan(&s)
			if !errors.Is(err, sqldb.ErrArgument) {
				return fmt.Errorf("argument %T = %q, %v, want ErrArgument", arg, s, err)
			}
		}
		return nil
	})
}

func textRefused(ctx context.Context, e *env) error {
	name, err := e.table(ctx, every)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(ctx context.Context) error {
		for _, s := range []string{"\x00", "a\x00b", "\xff", "caf\xc3"} {
			for _, arg := range []any{s, &s, upper{s}} {
				_, err := e.db.Exec(ctx, "INSERT INTO "+name+" (id, s) VALUES (1, $1)", arg)
				if !errors.Is(err, sqldb.ErrArgument) {
					return fmt.Errorf("argument %q = %w, want ErrArgument", s, err)
				}
			}
		}
		_, err := e.db.Exec(ctx, "INSERT INTO "+name+" (id, s, b) VALUES (1, 'é', $1)", []byte("a\x00\xff"))
		return err
	})
}

func scanErrors(ctx context.Context, e *env) error {
	for column, dest := range map[string]any{"word": new(int64), "hole": new(int64)} {
		var first, third string
		dests := []any{&first, new(string), dest, &third}
		if column == "word" {
			dests = []any{&first, dest, new(string), &third}
		}
		err := sqldb.QueryRow(ctx, e.db, "SELECT CAST('a' AS text) AS first, CAST('b' AS text) AS word, CAST(NULL AS text) AS hole, CAST('c' AS text) AS third").Scan(dests...)
		s, ok := errors.AsType[*sqldb.ScanError](err)
		want := map[string]int{"word": 1, "hole": 2}[column]
		if !ok || s.Column != column || s.Index != want || s.Cause == nil || !errors.Is(err, sqldb.Err) || !strings.Contains(err.Error(), `"`+column+`"`) {
			return fmt.Errorf("Scan of column %q into an %T = %w, want a ScanError of column %d that names it", column, dest, err, want)
		}
	}
	return nil
}
