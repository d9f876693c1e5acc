package sqldriver

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// InTx implements [sqldb.Transactor]. COMMIT is not cancelled with ctx: it has
// [Options].EndTimeout. fn's goroutine is the one that calls InTx.
func (db *DB) InTx(ctx context.Context, fn func(ctx context.Context) error, opts ...sqldb.TxOption) error {
	var o sqldb.TxOptions
	for _, opt := range opts {
		opt(&o)
	}
	if o.Isolation > sqldb.Serializable || o.Propagation > sqldb.New || o.MaxAttempts < 0 {
		return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: transaction options %+v", o)
	}
	outer := db.ambient(ctx)
	switch {
	case outer != nil && o.Propagation == sqldb.Nested:
		return db.nested(ctx, outer, fn, o)
	case outer != nil && db.opts.SingleWriter:
		return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: a new transaction inside another one, of a database with one writer")
	}
	if !o.ReadOnly {
		if err := db.checkHeld(ctx, ""); err != nil {
			return err
		}
	}
	return db.outermost(ctx, fn, o)
}

// outermost repeats the transaction while it loses races.
func (db *DB) outermost(ctx context.Context, fn func(context.Context) error, o sqldb.TxOptions) error {
	attempts := o.MaxAttempts
	if attempts == 0 {
		attempts = maxAttempts
	}
	for n := 1; ; n++ {
		hooks, err := db.attempt(ctx, fn, o)
		if err == nil {
			hooks.Committed(ctx)
			return nil
		}
		if n == attempts || !errors.Is(err, sqldb.ErrSerialization) || errors.Is(err, sqldb.ErrCommitUnknown) {
			return err
		}
		if !db.pause(ctx, n) {
			return withEnd(ctx, err)
		}
	}
}

// pause waits before attempt n+1; false means that ctx ended.
func (db *DB) pause(ctx context.Context, n int) bool {
	d := min(db.opts.MinBackoff<<min(n-1, 20), db.opts.MaxBackoff)
	t := time.NewTimer(d/2 + rand.N(d/2+1))
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// attempt runs fn once, in one transaction.
func (db *DB) attempt(ctx context.Context, fn func(context.Context) error, o sqldb.TxOptions) (*sqldb.Hooks, error) {
	if ctx.Err() != nil {
		return nil, sqldb.Err.Wrap(endOf(ctx), "sql: begin")
	}
	tx, err := db.driver.Begin(ctx, BeginOptions{Isolation: o.Isolation, ReadOnly: o.ReadOnly})
	if err != nil {
		return nil, seal(ctx, err, "begin")
	}
	held, _ := db.scope.Held(ctx).(*frame)
	f := begun(tx, o.ReadOnly, db.opts.isolation(o.Isolation), held).top
	inner, hooks := sqldb.WithHooks(db.scope.With(ctx, f))
	f.hooks = hooks

	returned := false
	defer func() {
		if !returned { // fn panicked or called runtime.Goexit, which goes on
			_, _ = f.reserve()
			_ = db.rollback(ctx, f) // a driver discards what it cannot roll back
		}
	}()
	err = fn(inner)
	returned = true

	if _, err = f.settle(ctx, err); err != nil {
		return nil, abandon(err, db.rollback(ctx, f))
	}
	return hooks, db.commit(ctx, f)
}

// endContext returns the context of the statements that end a transaction.
func (db *DB) endContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), db.opts.EndTimeout)
}

func (db *DB) rollback(ctx context.Context, f *frame) error {
	ctx, cancel := db.endContext(ctx)
	defer cancel()
	defer f.pop(nil)
	return f.tx.tx.Rollback(ctx)
}

func (db *DB) commit(ctx context.Context, f *frame) error {
	ctx, cancel := db.endContext(ctx)
	defer cancel()
	defer f.pop(nil)
	return seal(ctx, f.tx.tx.Commit(ctx), "commit")
}
