package unitofwork

import (
	"context"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// An Aggregate is an entity that keeps the events of what it did until they are
// committed. The entities of a unit are asked whether they are one.
type Aggregate interface {
	// PendingEvents returns the events, in order, and keeps them.
	PendingEvents() []events.Event
	// DrainEvents returns the events and forgets them.
	DrainEvents() []events.Event
}

// A Unit is one unit of work. It belongs to one goroutine, and to the function
// that [Do] calls with it: afterwards every call is [ErrSpent].
type Unit struct {
	db     sqldb.Transactor
	opts   options
	around *Unit // of a Do around this one, of whatever database
	outer  *Unit // of one whose transaction this one is a part of
	nested bool

	sets       map[any]any // by repository
	ops        []*operation
	pending    map[any]*operation // by entity
	aggregates []Aggregate        // in the order in which they were seen
	seen       map[any]bool       // those
	recorded   []events.Event
	after      []func(context.Context) error
	undo       []func()

	broken   error   // of a write: what was registered is lost, so nothing is committed
	spent    bool    // Do's function has returned
	written  bool    // all but the commit is done
	returned bool    // Do has
	failed   []error // after the commit
}

// An operation is an entity that waits to be written.
type operation struct {
	set    any
	entity any
	remove bool
	insert bool                                               // of New
	write  func(ctx context.Context, more []*operation) error // more are those of the same set that are saved with it
}

func (u *Unit) check() error {
	if u.spent {
		return ErrSpent
	}
	return u.broken
}

// did remembers how to take back what was done in memory.
func (u *Unit) did(undo func()) { u.undo = append(u.undo, undo) }

// revert takes back what was done after mark.
func (u *Unit) revert(mark int) {
	for i := len(u.undo) - 1; i >= mark; i-- {
		u.undo[i]()
	}
	u.undo = u.undo[:mark]
}

// Record has events published that no entity keeps, after those of the entities.
func (u *Unit) Record(evs ...events.Event) error {
	if err := u.check(); err != nil {
		return err
	}
	n := len(u.recorded)
	u.recorded = append(u.recorded, evs...)
	u.did(func() { u.recorded = u.recorded[:n] })
	return nil
}

// AfterCommit has f called once the transaction is committed, with a context
// that is outside it and is not cancelled with it. An error or a panic of f does not keep the
// others from being called; [Do] returns them all, wrapping [ErrCommitted]. What must not be
// lost is an event. Inside a transaction that no unit began, the option [Late]
// is needed, and without it the error is [ErrNested].
func (u *Unit) AfterCommit(f func(ctx context.Context) error) error {
	if err := u.check(); err != nil {
		return err
	}
	root := u
	for root.outer != nil {
		root = root.outer
	}
	if root.nested && root.opts.late == nil {
		return ErrNested
	}
	n := len(u.after)
	u.after = append(u.after, f)
	u.did(func() { u.after = u.after[:n] })
	return nil
}

// Flush writes what is registered now, in order, so that statements find it.
// After an error every call returns it, and nothing is committed.
func (u *Unit) Flush(ctx context.Context) error {
	if err := u.check(); err != nil {
		return err
	}
	ops := u.ops
	u.ops = nil
	clear(u.pending)
	for len(ops) > 0 {
		n := 1
		for !ops[0].remove && n < len(ops) && ops[n].set == ops[0].set && !ops[n].remove {
			n++
		}
		if err := ops[0].write(ctx, ops[1:n]); err != nil {
			u.broken = err
			return err
		}
		ops = ops[n:]
	}
	return nil
}

// Savepoint calls fn in a savepoint and writes what it registered. After an
// error, which is returned, the unit is as it was before: what fn registered is
// dropped, entities that it loaded are loaded anew, and those that were written have their
// versions again. What fn changed in entities of before is not taken back, nor
// are events that those recorded.
func (u *Unit) Savepoint(ctx context.Context, fn func(ctx context.Context) error) error {
	if err := u.Flush(ctx); err != nil {
		return err
	}
	mark := len(u.undo)
	done := false
	defer func() {
		if !done {
			u.ops, u.broken = nil, nil
			clear(u.pending)
			u.revert(mark)
		}
	}()
	err := u.db.InTx(ctx, func(ctx context.Context) error {
		if err := fn(ctx); err != nil {
			return err
		}
		return u.Flush(ctx)
	})
	done = err == nil
	return err
}

// Of returns the entities of a repository in u: each time the same [Set] for
// the same one. key returns the key of an entity. The repository is one that joins the ambient transaction,
// and of a type that can be compared, such as a pointer; otherwise every call of the set is an error.
func Of[T any, ID comparable](u *Unit, r repo.Repository[T, ID], key func(*T) ID) *Set[T, ID] {
	fresh := &Set[T, ID]{u: u, repo: r, key: key, known: map[ID]*T{}, removed: map[ID]bool{}}
	if r == nil || key == nil || !reflect.TypeOf(r).Comparable() {
		fresh.broken = Err.Wrap(nil, "unit of work: repository %T is nil or cannot be compared, or key is nil: pass a pointer", r)
		return fresh
	}
	if s, ok := u.sets[r].(*Set[T, ID]); ok {
		return s
	}
	u.sets[r] = fresh
	return fresh
}
