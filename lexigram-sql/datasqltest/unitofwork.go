package datasqltest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/unitofwork"
)

// RunUnitOfWork checks package unitofwork on the databases that open returns,
// which may be the same one each time. open registers its own cleanup on t.
func RunUnitOfWork(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, *bank){
		"written in order, with the events": writtenWithEvents,
		"one copy of each":                  oneCopy,
		"nothing after an error":            nothingAfterError,
		"nothing after a panic":             nothingAfterPanic,
		"repeated from the beginning":       repeated,
		"new, dirty, removed":               registers,
		"conflicts":                         conflicts,
		"savepoints":                        savepoints,
		"events without a publisher":        noPublisher,
		"publishers that fail":              failingPublisher,
		"after the commit":                  afterTheCommit,
		"inside another transaction":        insideAnother,
		"inside another database's":         insideAnotherDatabase,
		"units that are spent":              spentUnits,
		"a write that failed":               failedWrite,
		"repositories that do not compare":  brokenSets,
	} {
		t.Run(name, func(t *testing.T) { check(t, newBank(t, open(t))) })
	}
}

func writtenWithEvents(t *testing.T, b *bank) {
	id := b.open(t, "ada", 10)
	var grace *account
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		ada, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		grace = &account{Owner: "grace"}
		if err := errors.Join(s.Dirty(ada), s.New(grace), u.Record(events.New("bank", "bank.audited", []byte("audit")))); err != nil {
			return err
		}
		ada.pay(-3) // after it was registered
		grace.pay(3)
		ada.pay(-1)
		grace.pay(1)
		return nil
	})
	if err != nil || grace.ID == 0 || grace.Version != 1 || len(grace.pending) != 0 {
		t.Errorf("%v, %+v", err, grace)
	}
	b.has(t, "ada 6, grace 4", "ada -3, ada -1, grace 3, grace 1, audit")
}

func oneCopy(t *testing.T, b *bank) {
	id := b.open(t, "ada", 10)
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		first, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		first.Amount = 11
		second, err := unitofwork.Of(u, b.accounts, key).Get(ctx, id)
		found, err2 := s.Find(ctx, repo.Query{})
		if err != nil || err2 != nil || second != first || len(found) != 1 || found[0] != first {
			t.Errorf("%p %p %v, %v, %v", first, second, found, err, err2)
		}
		other := *first
		for name, err := range map[string]error{"Dirty": s.Dirty(&other), "Removed": s.Removed(&other), "New": s.New(&other)} {
			if !errors.Is(err, unitofwork.ErrIdentity) {
				t.Errorf("%s of another copy: %v", name, err)
			}
		}
		if err := s.Dirty(&account{}); !errors.Is(err, repo.ErrKey) {
			t.Errorf("Dirty without a key: %v", err)
		}
		if err := s.Removed(&account{}); !errors.Is(err, repo.ErrKey) {
			t.Errorf("Removed without a key: %v", err)
		}
		return errors.Join(s.Dirty(first), s.Dirty(first))
	})
	if err != nil {
		t.Error(err)
	}
	b.has(t, "ada 11", "")
	if a, _ := b.accounts.Get(t.Context(), id); a.Version != 2 {
		t.Errorf("written %d times", a.Version-1)
	}
}

func nothingAfterError(t *testing.T, b *bank) {
	id := b.open(t, "ada", 10)
	stop := errors.New("stop")
	outside := &account{Owner: "outside"}
	outside.pay(1)
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		ada, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		ada.pay(5)
		if err := errors.Join(s.Dirty(ada), s.New(outside), u.Flush(ctx)); err != nil {
			return err
		}
		if outside.ID == 0 || ada.Version != 2 {
			t.Errorf("not flushed: %+v", outside)
		}
		return stop
	})
	if !errors.Is(err, stop) || outside.ID != 0 || outside.Version != 0 || len(outside.pending) != 1 {
		t.Errorf("%v, %+v", err, outside)
	}
	b.has(t, "ada 10", "")
	if err := b.do(t.Context(), func(_ context.Context, _ *unitofwork.Unit, s *set) error { return s.New(outside) }); err != nil {
		t.Error(err) // it can be tried again as it is
	}
	b.has(t, "ada 10, outside 1", "outside 1")
}

func nothingAfterPanic(t *testing.T, b *bank) {
	made := &account{Owner: "ada"}
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic is lost")
			}
		}()
		_ = b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
			if err := errors.Join(s.New(made), u.Flush(ctx)); err != nil {
				t.Error(err)
			}
			panic("boom")
		})
	}()
	if made.ID != 0 || made.Version != 0 {
		t.Errorf("%+v", made)
	}
	b.has(t, "", "")
}

func repeated(t *testing.T, b *bank) {
	id := b.open(t, "ada", 10)
	outside := &account{Owner: "outside"}
	outside.pay(1)
	attempts := 0
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		attempts++
		ada, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		ada.pay(5)
		if err := errors.Join(s.Dirty(ada), s.New(outside), u.Flush(ctx)); err != nil {
			return err
		}
		if attempts < 3 {
			return sqldb.ErrSerialization
		}
		return nil
	}, unitofwork.Tx(sqldb.MaxAttempts(3)))
	if err != nil || attempts != 3 || outside.Version != 1 || len(outside.pending) != 0 {
		t.Errorf("%v after %d attempts: %+v", err, attempts, outside)
	}
	b.has(t, "ada 15, outside 1", "ada 5, outside 1")
}

func registers(t *testing.T, b *bank) {
	ada, grace := b.open(t, "ada", 1), b.open(t, "grace", 2)
	err := b.do(t.Context(), func(ctx context.Context, u *unitofwork.Unit, s *set) error {
		a, err := s.Get(ctx, ada)
		g, err2 := s.Get(ctx, grace)
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		a.pay(9)
		never, moved := &account{Owner: "never"}, &account{Owner: "grace"}
		keyed := &account{ID: 1 << 40, Owner: "never either"}
		if err := errors.Join(s.Dirty(a), s.Removed(a), s.New(never), s.Removed(never), s.Removed(g), s.New(moved)); err != nil {
			return err // the second grace is inserted after the first is deleted
		}
		if err := errors.Join(s.New(keyed), s.Dirty(keyed), s.Removed(keyed)); err != nil {
			return err
		}
		if _, err := s.Get(ctx, ada); !errors.Is(err, repo.ErrNotFound) {
			t.Errorf("Get of what is removed: %v", err)
		}
		if err := s.Dirty(a); !errors.Is(err, unitofwork.ErrIdentity) {
			t.Errorf("Dirty of what is removed: %v", err)
		}
		found, err := s.Find(ctx, repo.Query{Where: filter.Cmp{Field: "owner", Op: filter.Eq, Value: "grace"}})
		if err != nil || len(found) != 1 || found[0] != moved {
			t.Errorf("Find of what is registered: %v, %v", found, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	b.has(t, "grace 0", "ada 9")
}

func conflicts(t *testing.T, b *bank) {
	id := b.open(t, "ada", 1)
	old, err := b.accounts.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		mine := old
		mine.pay(1)
		err = b.do(t.Context(), func(_ context.Context, _ *unitofwork.Unit, s *set) error {
			return errors.Join(s.New(&account{Owner: "x"}), s.Dirty(&mine))
		})
	}
	if !errors.Is(err, repo.ErrConflict) && !errors.Is(err, repo.ErrExists) {
		t.Errorf("an old version: %v", err)
	}
	err = b.do(t.Context(), func(_ context.Context, _ *unitofwork.Unit, s *set) error { return s.Removed(&old) })
	if !errors.Is(err, repo.ErrConflict) {
		t.Errorf("the removal of an old version: %v", err)
	}
	b.has(t, "ada 2, x 0", "ada 1")
}

type byValue struct {
	repo.Repository[account, int64]
	_ []int
}

func brokenSets(t *testing.T, b *bank) {
	err := unitofwork.Do(t.Context(), b.db, func(_ context.Context, u *unitofwork.Unit) error {
		return unitofwork.Of(u, byValue{Repository: b.accounts}, key).New(&account{})
	})
	if !errors.Is(err, unitofwork.Err) || !strings.Contains(err.Error(), "byValue") {
		t.Error(err)
	}
}
