package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

var placeholder = regexp.MustCompile(`\$\d+`)

func breakStatements() map[string]func(*broken) {
	return map[string]func(*broken){
		"placeholders repeat": func(b *broken) {
			b.sql = func(sql string, args []any) (string, []any) {
				if i := strings.LastIndex(sql, "$1"); i > strings.Index(sql, "$1") {
					sql = sql[:i] + "NULL" + sql[i+2:]
				}
				return sql, args
			}
		},
		"placeholders in any order": func(b *broken) {
			b.sql = func(sql string, args []any) (string, []any) {
				n := 0
				return placeholder.ReplaceAllStringFunc(sql, func(string) string { n++; return fmt.Sprint("$", n) }), args
			}
		},
		"placeholders in literals": func(b *broken) {
			b.sql = func(sql string, args []any) (string, []any) { return strings.ReplaceAll(sql, "$2", "?2"), args }
		},
		"999 placeholders": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				if len(args) > 500 {
					return 0, errBreak
				}
				return b.DB.Exec(ctx, sql, args...)
			}
		},
		"one statement": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (n int64, err error) {
				for one := range strings.SplitSeq(sql, ";") {
					if n, err = b.DB.Exec(ctx, one, args...); err != nil {
						break
					}
				}
				return n, err
			}
		},
		"affected rows": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				n, err := b.DB.Exec(ctx, sql, args...)
				return max(n, 1), err
			}
		},
		"query may write": func(b *broken) {
			b.query = func(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
				if strings.HasPrefix(sql, "INSERT") {
					return b.DB.Query(ctx, "SELECT 1 WHERE 1 = 0")
				}
				return b.DB.Query(ctx, sql, args...)
			}
		},
		"query of nothing": func(b *broken) {
			b.rows = func(_ string, r sqldb.Rows) sqldb.Rows {
				first := true
				return &brokenRows{Rows: r, next: func() bool { was := first; first = false; return r.Next() || was }}
			}
		},
		"many rows": func(b *broken) {
			b.rows = func(_ string, r sqldb.Rows) sqldb.Rows {
				n := 0
				return &brokenRows{Rows: r, next: func() bool { n++; return n <= 1_000 && r.Next() }}
			}
		},
		"columns": func(b *broken) {
			b.rows = func(_ string, r sqldb.Rows) sqldb.Rows {
				return &brokenRows{Rows: r, columns: func() []string { return []string{"ONE", "TWO_2"} }}
			}
		},
		"rows close themselves": func(b *broken) {
			b.rows = func(_ string, r sqldb.Rows) sqldb.Rows {
				return &brokenRows{Rows: r, scan: func(dest []any) error {
					if len(dest) != 1 {
						return errBreak
					}
					return r.Scan(dest...)
				}}
			}
		},
		"dialect": func(b *broken) {
			n := 0
			b.dialect = func() sqldb.Dialect { n++; return sqldb.Dialect(fmt.Sprint("sqlite", n)) }
		},
	}
}

// editArgs has f change the arguments.
func editArgs(f func(arg any) any) func(*broken) {
	return func(b *broken) {
		b.sql = func(sql string, args []any) (string, []any) {
			edited := make([]any, len(args))
			for i, a := range args {
				edited[i] = f(a)
			}
			return sql, edited
		}
	}
}

// editScan has f take the place of Scan.
func editScan(f func(sql string, r sqldb.Rows, dest []any) error) func(*broken) {
	return func(b *broken) {
		b.rows = func(sql string, r sqldb.Rows) sqldb.Rows {
			return &brokenRows{Rows: r, scan: func(dest []any) error { return f(sql, r, dest) }}
		}
	}
}

func breakTypes() map[string]func(*broken) {
	return map[string]func(*broken){
		"arguments": editArgs(func(a any) any {
			if v, ok := a.(bool); ok {
				return !v
			}
			return a
		}),
		"destinations": editScan(func(_ string, r sqldb.Rows, dest []any) error {
			if d, ok := dest[0].(*int8); ok {
				var n int64
				err := r.Scan(append([]any{&n}, dest[1:]...)...)
				*d = int8(n)
				return err
			}
			return r.Scan(dest...)
		}),
		"nil pointers": editArgs(func(a any) any {
			if s, ok := a.(*string); ok && s == nil {
				return ""
			}
			return a
		}),
		"null is not a value": editScan(func(_ string, r sqldb.Rows, dest []any) error {
			if d, ok := dest[0].(*string); ok {
				var p *string
				err := r.Scan(&p)
				if p != nil {
					*d = *p
				}
				return err
			}
			return r.Scan(dest...)
		}),
		"scan errors": editScan(func(_ string, r sqldb.Rows, dest []any) error { return forget(r.Scan(dest...)) }),
		"extreme values": editArgs(func(a any) any {
			if v, ok := a.([]byte); ok && len(v) == 0 {
				return nil
			}
			return a
		}),
		"large values": editArgs(func(a any) any {
			if s, ok := a.(string); ok {
				return s[:min(len(s), 1<<20)]
			}
			return a
		}),
		"slices": editArgs(func(a any) any {
			if v, ok := a.([]int); ok {
				return fmt.Sprint(v)
			}
			return a
		}),
		"text": editArgs(func(a any) any {
			if s, ok := a.(string); ok {
				return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "")
			}
			return a
		}),
		"time is an instant": editArgs(func(a any) any {
			if v, ok := a.(time.Time); ok {
				return v.Truncate(time.Second)
			}
			return a
		}),
		"times compare and sort": editArgs(func(a any) any {
			if v, ok := a.(time.Time); ok {
				return time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), time.UTC)
			}
			return a
		}),
		"time from expressions": editScan(func(sql string, r sqldb.Rows, dest []any) error {
			if strings.Contains(sql, "max(") {
				return errors.New("text is no time")
			}
			return r.Scan(dest...)
		}),
	}
}

func breakErrors() map[string]func(*broken) {
	return map[string]func(*broken){
		"family":      func(b *broken) { b.err = forget },
		"unique":      func(b *broken) { b.err = hide(sqldb.ErrUnique) },
		"foreign key": func(b *broken) { b.err = hide(sqldb.ErrForeignKey) },
		"not null":    func(b *broken) { b.err = hide(sqldb.ErrConstraint) },
		"check":       func(b *broken) { b.err = hide(sqldb.ErrConstraint) },
		"constraint error": func(b *broken) {
			b.err = func(err error) error { return sqldb.ErrUnique.Wrap(errors.New(err.Error()), "hidden") }
		},
		"errors of rows": func(b *broken) {
			b.query = func(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
				rows, err := b.DB.Query(ctx, sql, args...)
				return rows, forget(err)
			}
		},
		"cancelled before": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				return b.DB.Exec(context.WithoutCancel(ctx), sql, args...)
			}
		},
		"cancelled statement": func(b *broken) { b.err = hide(context.DeadlineExceeded) },
		"cancelled rows": func(b *broken) {
			b.rows = func(_ string, r sqldb.Rows) sqldb.Rows {
				return &swallows{&brokenRows{Rows: r, err: func() error { return nil }}}
			}
		},
	}
}

// swallows are rows whose Close tells nothing.
type swallows struct{ *brokenRows }

func (s *swallows) Close() error {
	_ = s.brokenRows.Close() // that is what is broken
	return nil
}
