package sqlite_test

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

func breakHooks() map[string]func(*broken) {
	return map[string]func(*broken){
		"on commit": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			return db.InTx(ctx, func(ctx context.Context) error {
				ctx, _ = sqldb.WithHooks(ctx) // dropped
				return fn(ctx)
			}, opts...)
		}),
		"on commit of the outermost": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error {
			return db.InTx(ctx, func(ctx context.Context) error {
				ctx, h := sqldb.WithHooks(ctx)
				defer h.Committed(ctx) // too early
				return fn(ctx)
			})
		}),
		"not on rollback": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error {
			outer := ctx
			return db.InTx(ctx, func(ctx context.Context) error {
				ctx, h := sqldb.WithHooks(ctx)
				defer sqldb.OnCommit(outer, func(ctx context.Context) { h.Committed(ctx) }) // whatever fn returns
				return fn(ctx)
			})
		}),
		"not of a repeated attempt": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			var all []*sqldb.Hooks
			err := db.InTx(ctx, func(ctx context.Context) error {
				ctx, h := sqldb.WithHooks(ctx)
				all = append(all, h) // of every attempt
				return fn(ctx)
			}, opts...)
			for _, h := range all {
				h.Committed(ctx)
			}
			return err
		}),
		"hooks of the innermost": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error {
			outer := ctx
			return db.InTx(ctx, func(ctx context.Context) error {
				ctx, h := sqldb.WithHooks(ctx)
				defer sqldb.OnCommit(outer, func(ctx context.Context) { h.Committed(ctx) }) // of whatever database that is in
				return fn(ctx)
			})
		}),
		"on rollback": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			return db.InTx(ctx, func(ctx context.Context) error {
				ctx, _ = sqldb.WithHooks(ctx) // dropped
				return fn(ctx)
			}, opts...)
		}),
		"on rollback of a savepoint": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error {
			_, h := sqldb.WithHooks(ctx)
			return db.InTx(ctx, func(ctx context.Context) error {
				defer h.Released() // all are the transaction's, whatever fn returns
				return fn(h.Join(ctx))
			})
		}),
		"on rollback of an attempt": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			var all []*sqldb.Hooks
			err := db.InTx(ctx, func(ctx context.Context) error {
				ctx, h := sqldb.WithHooks(ctx)
				all = append(all, h) // of every attempt
				return fn(ctx)
			}, opts...)
			for _, h := range all {
				err = errors.Join(err, h.RolledBack(ctx)) // too late, or of what was committed
			}
			return err
		}),
		"on rollback panics": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			err := db.InTx(ctx, fn, opts...)
			if errors.Is(err, errs.ErrPanic) {
				return sqldb.ErrSerialization // as if no hook had panicked
			}
			return err
		}),
		"detached reads": func(b *broken) {
			onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
				_, fn = mark(fn)
				return db.InTx(ctx, fn, opts...)
			})(b)
			b.query = func(ctx context.Context, sql string, args []any) (sqldb.Rows, error) {
				if w := inside(ctx); w != nil {
					ctx = w.ctx // as if it were not detached
				}
				return b.DB.Query(ctx, sql, args...)
			}
		},
		"detached writes": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				if deadline, ok := ctx.Deadline(); ok && inside(ctx) != nil {
					var cancel context.CancelFunc
					ctx, cancel = context.WithDeadline(context.Background(), deadline) // nothing is held
					defer cancel()
				}
				return b.DB.Exec(ctx, sql, args...)
			}
			onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
				_, fn = mark(fn)
				return db.InTx(ctx, fn, opts...)
			})(b)
		},
		"detached writes after": func(b *broken) {
			onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
				w, fn := mark(fn)
				defer func() { w.done = true }()
				return db.InTx(ctx, fn, opts...)
			})(b)
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				if w := inside(ctx); w != nil && w.done {
					return 0, sqldb.ErrTxBusy // held for ever
				}
				return b.DB.Exec(ctx, sql, args...)
			}
		},
	}
}
