package unitofwork_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/unitofwork"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A ledger is a database of which the commit may fail.
type ledger struct {
	commit error
	begin  error
}

func (l *ledger) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	var o sqldb.TxOptions
	for _, opt := range opts {
		opt(&o)
	}
	if o.Propagation == sqldb.Mandatory {
		return sqldb.ErrTxOptions // it is in none
	}
	if l.begin != nil {
		return l.begin
	}
	inner, hooks := sqldb.WithHooks(ctx)
	if err := fn(inner); err != nil {
		return err
	}
	if l.commit != nil {
		return l.commit
	}
	hooks.Committed(ctx)
	return nil
}

type note struct {
	ID   int
	Text string
}

// notes are a repository in memory.
type notes struct{ all map[int]note }

func (n *notes) Get(_ context.Context, id int) (note, error) {
	v, ok := n.all[id]
	if !ok {
		return v, repo.ErrNotFound
	}
	return v, nil
}

func (n *notes) Find(context.Context, repo.Query) iter.Seq2[note, error] {
	return func(yield func(note, error) bool) {
		for _, v := range n.all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (n *notes) Count(context.Context, repo.Query) (int64, error) { return int64(len(n.all)), nil }

func (n *notes) Save(_ context.Context, v *note) error {
	if v.ID == 0 {
		v.ID = len(n.all) + 1
	}
	n.all[v.ID] = *v
	return nil
}

func (n *notes) Delete(_ context.Context, id int) (bool, error) {
	_, ok := n.all[id]
	delete(n.all, id)
	return ok, nil
}

func key(n *note) int { return n.ID }

func TestCommitThatFails(t *testing.T) {
	unknown := sqldb.ErrCommitUnknown
	made := &note{Text: "a"}
	called := false
	err := unitofwork.Do(t.Context(), &ledger{commit: unknown}, func(_ context.Context, u *unitofwork.Unit) error {
		return errors.Join(unitofwork.Of(u, &notes{map[int]note{}}, key).New(made), u.AfterCommit(func(context.Context) error { called = true; return nil }))
	})
	if !errors.Is(err, unknown) || made.ID != 0 || called {
		t.Errorf("%v, %+v, %v", err, made, called)
	}
	refused := errors.New("refused")
	if err := unitofwork.Do(t.Context(), &ledger{begin: refused}, nil); !errors.Is(err, refused) {
		t.Errorf("a transaction that does not begin: %v", err)
	}
}

// races is a database of which the first commit loses a race.
type races struct{ ledger }

func (r *races) InTx(ctx context.Context, fn func(context.Context) error, opts ...sqldb.TxOption) error {
	if err := (&ledger{commit: sqldb.ErrSerialization}).InTx(ctx, fn, opts...); !errors.Is(err, sqldb.ErrSerialization) {
		return err
	}
	return r.ledger.InTx(ctx, fn, opts...)
}

// What the attempt before gave an entity, such as its key, it has no more.
func TestCommitThatLosesARace(t *testing.T) {
	made, db := &note{Text: "a"}, &races{}
	var before []int
	err := unitofwork.Do(t.Context(), db, func(_ context.Context, u *unitofwork.Unit) error {
		before = append(before, made.ID)
		return unitofwork.Of(u, &notes{map[int]note{}}, key).New(made)
	})
	if err != nil || fmt.Sprint(before) != "[0 0]" || made.ID != 1 {
		t.Errorf("%v, keys before %v, then %d", err, before, made.ID)
	}
}

func ExampleDo() {
	ctx := context.Background()
	db, all := &ledger{}, &notes{map[int]note{1: {1, "draft"}}} // a sqldb.DB, and a repository over it
	err := unitofwork.Do(ctx, db, func(ctx context.Context, u *unitofwork.Unit) error {
		set := unitofwork.Of(u, all, key)
		n, err := set.Get(ctx, 1)
		if err != nil {
			return err
		}
		n.Text = "final"
		return errors.Join(set.Dirty(n), set.New(&note{Text: "new"}))
	})
	fmt.Println(err, all.all)
	// Output:
	// <nil> map[1:{1 final} 2:{2 new}]
}
