package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/unitofwork"
)

func savepoints(t *testing.T, b *bank) {
	id, gone := b.open(t, "ada", 10), b.open(t, "gone", 1)
	stop := errors.New("stop")
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		ada, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		ada.pay(1)
		if err := s.Dirty(ada); err != nil {
			return err
		}
		dropped := &account{Owner: "dropped"}
		dropped.pay(7)
		err = u.Savepoint(ctx, func(ctx context.Context) error {
			g, err := s.Get(ctx, gone)
			if err := errors.Join(err, s.New(dropped), s.Dirty(ada), s.Removed(g), u.Flush(ctx), u.Record(events.New("bank", "x", []byte("no")))); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) || dropped.ID != 0 || ada.Version != 2 {
			t.Errorf("%v, %+v, %+v", err, dropped, ada)
		}
		if g, err := s.Get(ctx, gone); err != nil || g.Owner != "gone" {
			t.Errorf("after the savepoint: %v, %v", g, err)
		}
		taken := u.Savepoint(ctx, func(context.Context) error { return s.New(&account{Owner: "ada"}) })
		if !errors.Is(taken, repo.ErrExists) {
			t.Errorf("a write that the database refuses: %v", taken)
		}
		kept := &account{Owner: "kept"}
		kept.pay(2)
		return u.Savepoint(ctx, func(context.Context) error { return s.New(kept) })
	})
	if err != nil {
		t.Error(err)
	}
	b.has(t, "ada 11, gone 1, kept 2", "ada 1, kept 2")
}

func insideAnother(t *testing.T, b *bank) {
	stop, late := errors.New("stop"), errors.New("late")
	var told []error
	one := func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		a := &account{Owner: "ada"}
		a.pay(1)
		return errors.Join(s.New(a), u.AfterCommit(func(context.Context) error { return late }))
	}
	if err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		return errors.Join(b.do(ctx, one, unitofwork.Late(func(err error) { told = append(told, err) })), stop)
	}); !errors.Is(err, stop) || len(told) != 0 {
		t.Errorf("%v, %v", err, told)
	}
	b.has(t, "", "")
	if err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		if err := b.do(ctx, one); !errors.Is(err, unitofwork.ErrNested) {
			t.Errorf("nobody to tell: %v", err)
		}
		return b.do(ctx, one, unitofwork.Late(func(err error) { told = append(told, err) }))
	}); err != nil || len(told) != 1 || !errors.Is(told[0], late) {
		t.Errorf("%v, %v", err, told)
	}
	b.has(t, "ada 1", "ada 1")
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		if err := b.do(ctx, func(_ context.Context, inner *unitofwork.Unit, s *set) error {
			return errors.Join(s.New(&account{Owner: "inner"}), inner.AfterCommit(func(context.Context) error { return late }))
		}); err != nil {
			return err
		}
		return s.New(&account{Owner: "outer"})
	})
	if !errors.Is(err, unitofwork.ErrCommitted) || !errors.Is(err, late) {
		t.Errorf("units inside units: %v", err)
	}
	b.has(t, "ada 1, inner 0, outer 0", "ada 1")
}

// The commit that a unit waits for is that of its own database.
func insideAnotherDatabase(t *testing.T, b *bank) {
	late := errors.New("late")
	one := func(_ context.Context, u *unitofwork.Unit, s *set) error {
		return errors.Join(s.New(&account{Owner: "ada"}), u.AfterCommit(func(context.Context) error { return late }))
	}
	other, _ := sqldb.WithHooks(t.Context()) // a transaction of another database, which is never committed
	if err := b.do(other, one); !errors.Is(err, unitofwork.ErrCommitted) || !errors.Is(err, late) {
		t.Errorf("inside another database's: %v", err)
	}
	b.has(t, "ada 0", "")
	if err := b.db.InTx(t.Context(), func(ctx context.Context) error {
		other, _ := sqldb.WithHooks(ctx)
		if err := b.do(other, one); !errors.Is(err, unitofwork.ErrNested) {
			t.Errorf("inside its own and another's: %v", err)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	b.has(t, "ada 0", "")
}

func afterTheCommit(t *testing.T, b *bank) {
	first, second := errors.New("first"), errors.New("second")
	var calls []string
	ctx, cancel := context.WithCancel(t.Context())
	err := b.do(ctx, func(_ context.Context, u *unitofwork.Unit, s *set) error {
		return errors.Join(
			u.AfterCommit(func(ctx context.Context) error {
				cancel()
				n, err := b.accounts.Count(ctx, repo.Query{})
				calls = append(calls, fmt.Sprint(n, err, ctx.Err()))
				return first
			}),
			u.AfterCommit(func(context.Context) error { panic(second) }),
			u.AfterCommit(func(context.Context) error { calls = append(calls, "third"); return nil }),
			s.New(&account{Owner: "ada"}),
		)
	})
	if !errors.Is(err, unitofwork.ErrCommitted) || !errors.Is(err, first) || !errors.Is(err, second) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v, want ErrCommitted of both", err)
	}
	if fmt.Sprint(calls) != "[1 <nil> <nil> third]" {
		t.Error(calls)
	}
	b.has(t, "ada 0", "")
}

func noPublisher(t *testing.T, b *bank) {
	a := &account{Owner: "ada"}
	a.pay(1)
	err := unitofwork.Do(t.Context(), b.db, func(_ context.Context, u *unitofwork.Unit) error {
		return unitofwork.Of(u, b.accounts, key).New(a)
	})
	if !errors.Is(err, unitofwork.ErrEvents) || len(a.pending) != 1 || a.ID != 0 {
		t.Errorf("%v, %+v", err, a)
	}
	b.has(t, "", "")
}

func failingPublisher(t *testing.T, b *bank) {
	b.fail = errors.New("full")
	a := &account{Owner: "ada"}
	a.pay(1)
	err := b.do(t.Context(), func(_ context.Context, _ *unitofwork.Unit, s *set) error { return s.New(a) })
	if !errors.Is(err, b.fail) || len(a.pending) != 1 || a.ID != 0 {
		t.Errorf("%v, %+v", err, a)
	}
	b.has(t, "", "")
}

// failedWrite: what was registered is lost, so nothing may be committed.
func failedWrite(t *testing.T, b *bank) {
	id := b.open(t, "ada", 1)
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		if err := errors.Join(s.Dirty(&account{ID: id, Owner: "ada", Version: 9}), s.New(&account{Owner: "x"})); err != nil {
			return err
		}
		if _, err := s.Find(ctx, repo.Query{}); !errors.Is(err, repo.ErrConflict) {
			t.Errorf("Find after a write that failed: %v", err)
		}
		return nil // as if it did not matter
	})
	if !errors.Is(err, repo.ErrConflict) {
		t.Errorf("%v, want ErrConflict", err)
	}
	b.has(t, "ada 1", "")
}

func spentUnits(t *testing.T, b *bank) {
	var unit *unitofwork.Unit
	var accounts *set
	if err := b.do(t.Context(), func(_ context.Context, u *unitofwork.Unit, s *set) error { unit, accounts = u, s; return nil }); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, errGet := accounts.Get(ctx, 1)
	_, errFind := accounts.Find(ctx, repo.Query{})
	for name, err := range map[string]error{
		"Get": errGet, "Find": errFind, "New": accounts.New(&account{}), "Dirty": accounts.Dirty(&account{}), "Removed": accounts.Removed(&account{}),
		"Flush": unit.Flush(ctx), "Record": unit.Record(), "AfterCommit": unit.AfterCommit(nil), "Savepoint": unit.Savepoint(ctx, nil),
	} {
		if !errors.Is(err, unitofwork.ErrSpent) || !errors.Is(err, unitofwork.Err) {
			t.Errorf("%s: %v, want ErrSpent", name, err)
		}
	}
}
