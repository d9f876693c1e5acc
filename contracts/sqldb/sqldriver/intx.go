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
	o := gather(opts)
	if o.Isolation > sqldb.Serializable || o.Propagation > sqldb.Outermost || o.MaxAttempts < 0 {
		return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: transaction options %+v", o)
	}
	outer := db.ambient(ctx)
	inside := outer != nil && outer.tx.pin == nil
	switch {
	case !inside && o.Propagation == sqldb.Mandatory:
		return sqldb.ErrTxOptions.Wrap(errors.New("there is no transaction around one that is mandatory"), "sql: transaction options")
	case !inside:
		return db.first(ctx, outer, fn, o)
	case o.Propagation == sqldb.Nested:
		return db.nested(ctx, outer, fn, o)
	case o.Propagation == sqldb.Separate && db.opts.SingleWriter:
		return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: a separate transaction inside another one, of a database with one writer")
	case o.Propagation == sqldb.Separate:
		return db.outermost(ctx, nil, fn, o)
	case o.Propagation == sqldb.Outermost:
		return sqldb.ErrTxOptions.Wrap(errors.New("there is a transaction around one that must be the outermost"), "sql: transaction options")
	}
	return db.join(ctx, outer, fn, o)
}

// gather returns what opts add up to. It allocates only for some.
func gather(opts []sqldb.TxOption) (o sqldb.TxOptions) {
	if len(opts) > 0 {
		all := new(sqldb.TxOptions)
		for _, opt := range opts {
			opt(all)
		}
		o = *all
	}
	return o
}

// first runs a transaction that is in no other one, on the connection that pin has, if it is not nil.
func (db *DB) first(ctx context.Context, pin *frame, fn func(context.Context) error, o sqldb.TxOptions) error {
	if pin != nil && o.Propagation == sqldb.Separate && !db.opts.SingleWriter {
		pin = nil
	}
	if pin == nil {
		if err := db.guard.check(ctx); err != nil {
			return err
		}
		if !o.ReadOnly {
			if err := db.checkHeld(ctx, ""); err != nil {
				return err
			}
		}
		return db.outermost(ctx, nil, fn, o)
	}
	if err := pin.acquire(); err != nil {
		return err
	}
	defer pin.release(nil)
	return db.outermost(ctx, pin.tx.pin, fn, o)
}

// A beginner is a [Driver] or a [Pin].
type beginner interface {
	Begin(ctx context.Context, o BeginOptions) (Tx, error)
}

// outermost repeats the transaction while it loses races. on is a pinned connection, or nil.
func (db *DB) outermost(ctx context.Context, on beginner, fn func(context.Context) error, o sqldb.TxOptions) error {
	attempts := o.MaxAttempts
	if attempts == 0 {
		attempts = maxAttempts
	}
	for n := 1; ; n++ {
		hooks, err := db.attempt(ctx, on, fn, o)
		if err == nil {
			hooks.Committed(ctx)
			return nil
		}
		if hooks != nil {
			if herr := hooks.RolledBack(ctx); herr != nil {
				return hooked(err, herr)
			}
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

// attempt runs fn once, in one transaction. The hooks are those of one that was
// committed or rolled back.
func (db *DB) attempt(ctx context.Context, on beginner, fn func(context.Context) error, o sqldb.TxOptions) (*sqldb.Hooks, error) {
	if ctx.Err() != nil {
		return nil, sqldb.Err.Wrap(endOf(ctx), "sql: begin")
	}
	pinned := on != nil
	if !pinned {
		on = db.driver
	}
	tx, err := on.Begin(ctx, BeginOptions{Isolation: o.Isolation, ReadOnly: o.ReadOnly})
	if err != nil {
		return nil, seal(ctx, err, "begin")
	}
	held, _ := db.scope.Held(ctx).(*frame)
	t := begun(tx, o.ReadOnly, db.opts.isolation(o.Isolation), held)
	t.pinned = pinned
	db.guard.begin(ctx, t)
	defer db.guard.end(t)
	t.inside = inside{Context: ctx, scope: &db.scope, tx: t}
	inner, hooks := sqldb.WithHooks(&t.inside)
	f := &t.root
	f.hooks = hooks
	returned := false
	defer func() {
		if !returned { // fn panicked or called runtime.Goexit, which goes on
			_, _ = f.reserve()
			_ = db.rollback(ctx, f) // a driver discards what it cannot roll back
			if err := hooks.RolledBack(ctx); err != nil {
				panic(err)
			}
		}
	}()
	err = enter(inner, fn)
	returned = true

	if _, err = f.settle(ctx, err); err != nil {
		return hooks, abandon(err, db.rollback(ctx, f))
	}
	if err = db.commit(ctx, f); errors.Is(err, sqldb.ErrCommitUnknown) {
		return nil, err
	}
	return hooks, err
}

func (db *DB) rollback(ctx context.Context, f *frame) error {
	end := newEnding(ctx, db.opts.EndTimeout)
	defer end.over()
	defer f.pop(nil)
	return f.tx.tx.Rollback(end)
}

func (db *DB) commit(ctx context.Context, f *frame) error {
	end := newEnding(ctx, db.opts.EndTimeout)
	defer end.over()
	defer f.pop(nil)
	return seal(end, f.tx.tx.Commit(end), "commit")
}
