package sqldriver

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// nested runs fn in a savepoint of outer.
func (db *DB) nested(ctx context.Context, outer *frame, fn func(context.Context) error, o sqldb.TxOptions) error {
	if err := outer.tx.allows(o); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return sqldb.Err.Wrap(endOf(ctx), "sql: savepoint")
	}
	sp, err := outer.savepoint(ctx)
	if err != nil {
		return err
	}
	inner, hooks := outer.hooks.Savepoint(db.scope.With(ctx, &sp.frame))
	sp.hooks = hooks

	returned := false
	defer func() {
		if !returned { // fn panicked or called runtime.Goexit, which goes on
			orphan, _ := sp.reserve()
			if _, herr := db.undo(ctx, sp, orphan); herr != nil {
				panic(herr)
			}
		}
	}()
	err = fn(inner)
	returned = true

	orphan, err := sp.settle(ctx, err)
	if err != nil {
		undone, herr := db.undo(ctx, sp, orphan)
		return hooked(abandon(err, undone), herr)
	}
	err = sp.keep(newEnding(ctx, db.opts.EndTimeout))
	hooks.Released() // an error is the failure of outer
	return err
}

// undo rolls sp back, unless it is an orphan, which the transaction was rolled
// back with, and calls its hooks.
func (db *DB) undo(ctx context.Context, sp *savepoint, orphan bool) (err, hooks error) {
	if !orphan {
		if err = sp.undo(newEnding(ctx, db.opts.EndTimeout)); err != nil {
			sp.hooks.Released() // it is rolled back with the transaction, which has failed
			return err, nil
		}
	}
	return nil, sp.hooks.RolledBack(ctx)
}

// join runs fn in outer itself: what ends it early is a failure of outer.
func (db *DB) join(ctx context.Context, outer *frame, fn func(context.Context) error, o sqldb.TxOptions) error {
	if err := outer.tx.allows(o); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return sqldb.Err.Wrap(endOf(ctx), "sql: transaction")
	}
	err := error(errLeft)
	defer func() { outer.abort(err) }()
	if err = fn(outer.hooks.Join(ctx)); err == nil && ctx.Err() != nil {
		err = sqldb.Err.Wrap(endOf(ctx), "sql: transaction")
	}
	return err
}

// errLeft stands as the outcome of a joined function that did not return.
var errLeft = sqldb.Err.Wrap(errors.New("its function panicked"), "sql: InTx that joined")

// allows checks what an inner InTx asks of the transaction.
func (t *transaction) allows(o sqldb.TxOptions) error {
	switch {
	case o.Isolation > t.isolation:
		return sqldb.ErrTxOptions.Wrap(errors.New("a nested InTx asks for more isolation than the outer one has: ask there, or use sqldb.Separate"), "sql: transaction options")
	case o.ReadOnly && !t.readOnly:
		return sqldb.ErrTxOptions.Wrap(errors.New("a nested InTx asks to be read-only inside one that writes"), "sql: transaction options")
	case o.MaxAttempts > 1:
		return sqldb.ErrTxOptions.Wrap(errors.New("a nested InTx asks for attempts, which only the outermost makes"), "sql: transaction options")
	}
	return nil
}

// A savepoint is the frame of a nested InTx.
type savepoint struct {
	frame
	name string
}

// savepoint makes one, and makes it the innermost frame.
func (f *frame) savepoint(ctx context.Context) (*savepoint, error) {
	if err := f.acquire(); err != nil {
		return nil, err
	}
	t := f.tx
	t.mu.Lock()
	t.savepoints++
	sp := &savepoint{frame: frame{tx: t, parent: f}, name: "lexigram_" + strconv.Itoa(t.savepoints)}
	t.mu.Unlock()
	if _, err := f.run(ctx, &statement{sql: "SAVEPOINT " + sp.name}); err != nil {
		return nil, err
	}
	return sp, sp.push()
}

// push makes sp the innermost frame, unless another goroutine was faster.
func (sp *savepoint) push() error {
	t := sp.tx
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := sp.parent.refusal(); err != nil {
		return err // the savepoint stays, which changes nothing: it ends with the transaction
	}
	t.top = &sp.frame
	return nil
}

// undo rolls back to the savepoint. The parent fails if that does, and by what
// failed before: a database that has undone all of the transaction for it knows
// no savepoint any more.
func (sp *savepoint) undo(ctx *ending) error {
	defer ctx.over()
	_, err := sp.tx.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT "+sp.name, nil)
	if err == nil {
		_, err = sp.tx.tx.Exec(ctx, "RELEASE SAVEPOINT "+sp.name, nil)
	}
	err = seal(ctx, err, "rollback to savepoint")
	sp.tx.mu.Lock()
	first := sp.first
	sp.tx.mu.Unlock()
	if err != nil && first != nil {
		sp.pop(fmt.Errorf("%w (then: %w)", first, err))
		return err
	}
	sp.pop(err)
	return err
}

// keep makes what was done since the savepoint a part of the parent.
func (sp *savepoint) keep(ctx *ending) error {
	defer ctx.over()
	_, err := sp.tx.tx.Exec(ctx, "RELEASE SAVEPOINT "+sp.name, nil)
	err = seal(ctx, err, "release savepoint")
	sp.pop(err)
	return err
}
