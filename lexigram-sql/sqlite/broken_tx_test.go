package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// onInTx sets InTx.
func onInTx(f func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error) func(*broken) {
	return func(b *broken) {
		b.inTx = func(ctx context.Context, fn txFunc, opts []sqldb.TxOption) error { return f(b.DB, ctx, fn, opts) }
	}
}

// onNested sets what InTx does inside another one.
func onNested(f func(db sqldb.DB, ctx context.Context, fn txFunc) error) func(*broken) {
	return onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
		if inside(ctx) != nil {
			return f(db, ctx, fn)
		}
		_, fn = mark(fn)
		return db.InTx(ctx, fn, opts...)
	})
}

// commitAnyway commits what failed.
func commitAnyway(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
	var own error
	err := db.InTx(ctx, func(ctx context.Context) error { own = fn(ctx); return nil }, opts...)
	return errors.Join(own, err)
}

func dropOptions(db sqldb.DB, ctx context.Context, fn txFunc, _ []sqldb.TxOption) error {
	return db.InTx(ctx, fn)
}

func breakTx() map[string]func(*broken) {
	return map[string]func(*broken){
		"commit": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			err := db.InTx(ctx, func(ctx context.Context) error { return errors.Join(fn(ctx), errBreak) }, opts...)
			if errors.Is(err, errBreak) {
				return nil
			}
			return err
		}),
		"joins": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (int64, error) {
				return b.DB.Exec(sqldb.Detach(ctx), sql, args...)
			}
		},
		"rollback": onInTx(commitAnyway),
		"error is returned": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			return forget(db.InTx(ctx, fn, opts...))
		}),
		"panic rolls back": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			var value any
			err := db.InTx(ctx, func(ctx context.Context) error {
				defer func() { value = recover() }()
				return fn(ctx)
			}, opts...)
			if value != nil {
				panic(value)
			}
			return err
		}),
		"panic goes on": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic: %v", v)
				}
			}()
			return db.InTx(ctx, fn, opts...)
		}),
		"end of ctx": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			return db.InTx(context.WithoutCancel(ctx), fn, opts...)
		}),
		"savepoint rollback": onNested(func(_ sqldb.DB, ctx context.Context, fn txFunc) error { return fn(ctx) }),
		"savepoint release":  onInTx(commitAnyway),
		"savepoints in savepoints": onNested(func(_ sqldb.DB, ctx context.Context, fn txFunc) error {
			return fn(ctx)
		}),
		"new transaction": onInTx(dropOptions),
		"aborted": func(b *broken) {
			b.exec = func(ctx context.Context, sql string, args []any) (n int64, err error) {
				err = b.DB.InTx(ctx, func(ctx context.Context) error { n, err = b.DB.Exec(ctx, sql, args...); return err })
				return n, err
			}
		},
		"first failure": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			var own error
			err := db.InTx(ctx, func(ctx context.Context) error { own = fn(ctx); return own }, opts...)
			if err != nil {
				return own
			}
			return nil
		}),
		"busy with rows":         func(b *broken) { b.err = hide(sqldb.ErrTxBusy) },
		"busy with a nested one": func(b *broken) { b.err = hide(sqldb.ErrTxBusy) },
		"busy with a statement":  func(b *broken) { b.err = hide(sqldb.ErrTxBusy) },
		"repeats": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			return db.InTx(ctx, fn, append(opts, sqldb.MaxAttempts(1))...)
		}),
		"bounded repeats": onInTx(func(db sqldb.DB, ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
			return db.InTx(ctx, fn, append(opts, sqldb.MaxAttempts(6))...)
		}),
		"inner ones never repeat": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error {
			if err := db.InTx(ctx, fn); !errors.Is(err, sqldb.ErrSerialization) {
				return err
			}
			return db.InTx(ctx, fn)
		}),
		"read only":               onInTx(dropOptions),
		"isolation":               func(b *broken) { b.inTx = plain },
		"options unknown":         onInTx(dropOptions),
		"options of an inner one": onNested(func(db sqldb.DB, ctx context.Context, fn txFunc) error { return db.InTx(ctx, fn) }),
		"concurrent use": func(b *broken) {
			var n atomic.Int64
			b.inTx = func(ctx context.Context, fn txFunc, opts []sqldb.TxOption) error {
				if n.Add(1) == 7 {
					return nil // one is lost
				}
				return b.DB.InTx(ctx, fn, opts...)
			}
		},
	}
}
