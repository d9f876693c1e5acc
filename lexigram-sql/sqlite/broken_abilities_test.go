package sqlite_test

import (
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// abilities are what a breaker does instead of the database's own.
type abilities struct {
	pinned func(ctx context.Context, fn txFunc) error
	open   func(ctx context.Context, p sqldb.Place) (sqldb.Opened, error)
	upsert func(ctx context.Context, u upsertCall) (int64, error)
	// returned returns how many rows are returned of those that a statement yields.
	returned func(all int) int
	stats    func() sqldb.PoolStats
	warm     func(ctx context.Context, n int) (int, error)
}

var (
	_ sqldb.ConnectionPool = (*broken)(nil)
	_ sqldb.Opener         = (*broken)(nil)
	_ sqldb.BulkWriter     = (*broken)(nil)
	_ sqldb.BulkReturner   = (*broken)(nil)
)

type upsertCall struct {
	table        string
	columns, key []string
	rows         iter.Seq2[[]any, error]
}

func (b *broken) able() *sqlite.DB { return b.DB.(*sqlite.DB) }

func (b *broken) Close() error { return b.able().Close() }

func (b *broken) Pinned(ctx context.Context, fn func(context.Context) error) error {
	if b.pinned != nil {
		return b.pinned(ctx, fn)
	}
	return b.able().Pinned(ctx, fn)
}

func (b *broken) Open(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
	if b.open != nil {
		return b.open(ctx, p)
	}
	return b.able().Open(ctx, p)
}

func (b *broken) Upsert(ctx context.Context, table string, columns, key []string, rows iter.Seq2[[]any, error]) (int64, error) {
	if b.upsert != nil {
		return b.upsert(ctx, upsertCall{table, columns, key, rows})
	}
	return 0, errors.ErrUnsupported
}

func (b *broken) UpsertReturning(ctx context.Context, each func(sqldb.Rows) error, returning []string, table string, columns, key []string, rows iter.Seq2[[]any, error]) error {
	if b.returned == nil {
		return errors.ErrUnsupported
	}
	all := 0
	count := changed(rows, func(n int, row []any, err error) ([]any, error, bool) { all = n + 1; return row, err, true })
	told := 0
	scan := func(r sqldb.Rows) (none struct{}, err error) {
		if told++; told <= b.returned(all) {
			err = each(r)
		}
		return none, err
	}
	_, err := sqldb.UpsertReturning(ctx, b.DB, scan, returning, table, columns, key, count)
	return err
}

func (b *broken) PoolStats() sqldb.PoolStats {
	if b.stats != nil {
		return b.stats()
	}
	return b.able().PoolStats()
}

func (b *broken) Warm(ctx context.Context, n int) (int, error) {
	if b.warm != nil {
		return b.warm(ctx, n)
	}
	return b.able().Warm(ctx, n)
}

// shared is a database that another one was asked for.
type shared struct{ sqldb.DB }

func (shared) Close() error { return nil }

// changed returns rows as f makes them; false ends them.
func changed(rows iter.Seq2[[]any, error], f func(n int, row []any, err error) ([]any, error, bool)) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		n := 0
		for row, err := range rows {
			row, err, ok := f(n, row, err)
			if n++; !ok || !yield(row, err) {
				return
			}
		}
	}
}

// onUpsert sets Upsert to the one of statements, of other rows.
func onUpsert(f func(n int, row []any, err error) ([]any, error, bool)) func(*broken) {
	return func(b *broken) {
		b.upsert = func(ctx context.Context, u upsertCall) (int64, error) {
			return sqldb.Upsert(ctx, b.DB, u.table, u.columns, u.key, changed(u.rows, f))
		}
	}
}

func breakAbilities() map[string]func(*broken) {
	unpinned := func(b *broken) { b.pinned = func(ctx context.Context, fn txFunc) error { return fn(ctx) } }
	return map[string]func(*broken){
		"outside": func(b *broken) { b.err = hide(sqldb.ErrTxOutside) },
		"join": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error {
			ctx, h := sqldb.WithHooks(ctx)
			defer h.Committed(ctx) // too early
			return fn(ctx)
		}),
		"join fails the whole": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error { return db.InTx(ctx, fn) }),
		"mandatory":            onInTx(dropOptions),
		"outermost":            onInTx(dropOptions),

		"pinned":                unpinned,
		"pinned leaves nothing": unpinned,
		"pinned changes": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				n, err := b.DB.Exec(ctx, sql, args...)
				if errors.Is(err, errors.ErrUnsupported) {
					err = nil // as if it had run
				}
				return n, err
			}
		},
		"pinned fails": func(b *broken) { b.pinned = func(ctx context.Context, fn txFunc) error { return b.DB.InTx(ctx, fn) } },
		"pinned busy":  func(b *broken) { b.err = hide(sqldb.ErrTxBusy) },
		"pinned in a transaction": func(b *broken) {
			b.pinned = func(ctx context.Context, fn txFunc) error {
				if err := b.able().Pinned(ctx, fn); !errors.Is(err, sqldb.ErrTxOptions) {
					return err
				}
				return fn(ctx)
			}
		},

		"open a database": func(b *broken) {
			b.open = func(context.Context, sqldb.Place) (sqldb.Opened, error) { return shared{b.DB}, nil }
		},
		"open what is not there": func(b *broken) {
			b.open = func(ctx context.Context, p sqldb.Place) (sqldb.Opened, error) {
				p.Create = true
				return b.able().Open(ctx, p)
			}
		},
		"open no name": func(b *broken) {
			b.open = func(context.Context, sqldb.Place) (sqldb.Opened, error) { return shared{b.DB}, nil }
		},

		"upsert": func(b *broken) {
			b.upsert = func(ctx context.Context, u upsertCall) (n int64, err error) {
				for range u.rows { // and nothing is written
					n++
				}
				return n, nil
			}
		},
		"upsert of much": func(b *broken) {
			b.upsert = func(ctx context.Context, u upsertCall) (int64, error) {
				total := 0
				_, err := sqldb.Upsert(ctx, b.DB, u.table, u.columns, u.key, changed(u.rows, func(n int, row []any, err error) ([]any, error, bool) {
					total = max(total, n+1)
					return row, err, n < 11_000
				}))
				return int64(max(total, 12_000)), err
			}
		},
		"upsert of a key": func(b *broken) {
			b.upsert = func(ctx context.Context, u upsertCall) (int64, error) {
				n, err := sqldb.Upsert(ctx, b.DB, u.table, u.columns, u.key, u.rows)
				return n + 1, err
			}
		},
		"upsert of every value": onUpsert(func(_ int, row []any, err error) ([]any, error, bool) {
			row = append([]any{}, row...)
			if len(row) > 1 && row[1] == nil {
				row[1] = ""
			}
			return row, err, true
		}),
		"upsert is atomic": func(b *broken) {
			b.upsert = func(ctx context.Context, u upsertCall) (total int64, err error) {
				for row := range u.rows {
					one := func(yield func([]any, error) bool) { yield(row, nil) }
					n, err := sqldb.Upsert(ctx, b.DB, u.table, u.columns, u.key, one)
					if total += n; err != nil {
						return total, err
					}
				}
				return total, nil
			}
		},
		"upsert of an error": onUpsert(func(_ int, row []any, err error) ([]any, error, bool) { return row, nil, err == nil }),
		"upsert returning": func(b *broken) {
			b.query = func(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
				if insert, rest, ok := strings.Cut(sql, " DO UPDATE SET "); ok { // only what is new is written, and told
					_, returning, _ := strings.Cut(rest, " RETURNING ")
					sql = insert + " DO NOTHING RETURNING " + returning
				}
				return b.DB.Query(ctx, sql, args...)
			}
		},
		"upsert returning of much": func(b *broken) { b.returned = func(all int) int { return min(all, 10_000) } },
		"upsert refuses": func(b *broken) {
			b.upsert = func(ctx context.Context, u upsertCall) (int64, error) {
				n, err := sqldb.Upsert(ctx, b.DB, u.table, u.columns, u.key, u.rows)
				return n, hide(sqldb.ErrArgument)(err)
			}
		},

		"pool stats": func(b *broken) { b.stats = func() sqldb.PoolStats { return sqldb.PoolStats{} } },
		"pool warm":  func(b *broken) { b.warm = func(_ context.Context, n int) (int, error) { return n, nil } },
	}
}
