package unitofwork

import (
	"context"
	"errors"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// An Option changes how one [Do] behaves.
type Option func(*options)

type options struct {
	publisher events.Publisher
	tx        []sqldb.TxOption
	late      func(error)
}

// Publish hands the events to p, in the transaction. An outbox keeps them with
// it; another publisher sends them before the commit, which may still fail.
func Publish(p events.Publisher) Option { return func(o *options) { o.publisher = p } }

// Tx are the options of the transaction.
func Tx(opts ...sqldb.TxOption) Option {
	return func(o *options) { o.tx = append(o.tx, opts...) }
}

// Late is given the errors of [Unit.AfterCommit] that come after Do has
// returned, because it was inside a transaction of somebody else.
func Late(f func(error)) Option { return func(o *options) { o.late = f } }

// Do calls fn with a new unit in a transaction of db, writes what fn
// registered, and commits. An error of fn, of a write or of the publisher rolls back and is
// returned, a panic rolls back and goes on, and the entities have the keys and versions
// again that they had before. Like InTx, Do calls fn again after [sqldb.ErrSerialization], with
// another unit: fn loads or makes its entities itself.
//
// Inside another transaction Do is a savepoint of it. An error wrapping
// [ErrCommitted] says that all is committed, and what failed afterwards.
func Do(ctx context.Context, db sqldb.Transactor, fn func(ctx context.Context, u *Unit) error, opts ...Option) error {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	around, _ := ctx.Value(unitKey{}).(*Unit)
	nested := inside(ctx, db, o.tx)
	var outer *Unit
	if nested {
		outer = around.of(db)
	}
	var last *Unit
	err := db.InTx(ctx, func(ctx context.Context) (err error) {
		if last != nil { // its commit lost a race
			last.revert(0)
		}
		u := &Unit{db: db, opts: o, around: around, outer: outer, nested: nested, sets: map[any]any{}, pending: map[any]*operation{}, seen: map[any]bool{}}
		last = u
		defer func() {
			if u.spent = true; err != nil || !u.written {
				u.revert(0)
			}
		}()
		return u.attempt(context.WithValue(ctx, unitKey{}, u), fn)
	}, o.tx...)
	if last == nil {
		return err
	}
	if err != nil {
		last.revert(0) // of a commit that failed
		return err
	}
	last.drain()
	last.returned = true
	if len(last.failed) > 0 {
		return ErrCommitted.Wrap(errors.Join(last.failed...), "unit of work: committed, but")
	}
	return nil
}

type unitKey struct{}

// inside reports whether a transaction with opts is a part of one of db that
// ctx is in: then its end is not the commit.
func inside(ctx context.Context, db sqldb.Transactor, opts []sqldb.TxOption) bool {
	var o sqldb.TxOptions
	for _, opt := range opts {
		opt(&o)
	}
	if o.Propagation == sqldb.Separate {
		return false
	}
	in := false
	// An error leaves in as it is: the transaction itself will have it too.
	_ = db.InTx(ctx, func(context.Context) error { in = true; return nil }, sqldb.WithPropagation(sqldb.Mandatory))
	return in
}

// of returns the innermost of u and those around it that is of db and has not ended, or nil.
func (u *Unit) of(db sqldb.Transactor) *Unit {
	if !reflect.TypeOf(db).Comparable() {
		return nil
	}
	for ; u != nil; u = u.around {
		if u.db == db && !u.spent {
			return u
		}
	}
	return nil
}

// attempt is one call of fn and all that comes before the commit.
func (u *Unit) attempt(ctx context.Context, fn func(context.Context, *Unit) error) error {
	if err := fn(ctx, u); err != nil {
		return err
	}
	if err := u.Flush(ctx); err != nil {
		return err
	}
	if err := u.publish(ctx); err != nil {
		return err
	}
	u.written = true
	sqldb.OnCommit(ctx, u.afterCommit)
	return nil
}

// publish hands over the events of every entity, and those that were recorded.
func (u *Unit) publish(ctx context.Context) error {
	var all []events.Event
	for _, a := range u.aggregates {
		all = append(all, a.PendingEvents()...)
	}
	all = append(all, u.recorded...)
	switch {
	case len(all) == 0:
		return nil
	case u.opts.publisher == nil:
		return ErrEvents.Wrap(nil, "unit of work: %d of type %q and others", len(all), all[0].Type)
	}
	return u.opts.publisher.Publish(ctx, all...)
}

// drain takes the events that were published out of the entities, once.
func (u *Unit) drain() {
	for _, a := range u.aggregates {
		a.DrainEvents()
	}
	u.aggregates = nil
}

// afterCommit calls what waits for the commit.
func (u *Unit) afterCommit(ctx context.Context) {
	u.drain()
	for _, f := range u.after {
		if err := errs.Catch(func() error { return f(ctx) }); err != nil {
			u.report(err)
		}
	}
}

// report keeps an error for the Do that has not returned yet.
func (u *Unit) report(err error) {
	switch {
	case !u.returned:
		u.failed = append(u.failed, err)
	case u.outer != nil:
		u.outer.report(err)
	default: // which AfterCommit has made sure of
		u.opts.late(err)
	}
}
