package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/filter"
	"github.com/lexigram/lexigram-go/contracts/repo"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlrepo"
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
		"units that are spent":              spentUnits,
		"a write that failed":               failedWrite,
		"repositories that do not compare":  brokenSets,
	} {
		t.Run(name, func(t *testing.T) { check(t, newBank(t, open(t))) })
	}
}

// An account is an aggregate.
type account struct {
	ID      int64
	Owner   string
	Amount  int64
	Version int64

	pending []events.Event
}

func (a *account) PendingEvents() []events.Event { return a.pending }

func (a *account) DrainEvents() []events.Event {
	all := a.pending
	a.pending = nil
	return all
}

func (a *account) pay(n int64) {
	a.Amount += n
	a.pending = append(a.pending, events.New("bank", "bank.paid", fmt.Appendf(nil, "%s %d", a.Owner, n)))
}

// A bank has accounts, and a table of events that stands for an outbox.
type bank struct {
	db       sqldb.DB
	accounts *sqlrepo.Repository[account, int64]
	log      string
	fail     error // of the publisher
}

func newBank(t *testing.T, db sqldb.DB) *bank {
	name := table(t, db, idColumn(db.Dialect())+", owner text NOT NULL UNIQUE, amount bigint NOT NULL, version bigint NOT NULL")
	return &bank{
		db:       db,
		accounts: newRepo[account, int64](t, db, sqlrepo.Options{Table: name, Generated: true, Version: "version", Sort: []string{"owner"}}),
		log:      table(t, db, idColumn(db.Dialect())+", event_id text NOT NULL UNIQUE, line text NOT NULL"),
	}
}

func (b *bank) Publish(ctx context.Context, evs ...events.Event) error {
	if b.fail != nil {
		return b.fail
	}
	for _, ev := range evs {
		if _, err := b.db.Exec(ctx, "INSERT INTO "+b.log+" (event_id, line) VALUES ($1, $2) ON CONFLICT DO NOTHING", ev.ID, string(ev.Data)); err != nil {
			return err
		}
	}
	return nil
}

func (b *bank) do(ctx context.Context, fn func(context.Context, *unitofwork.Unit, *unitofwork.Set[account, int64]) error, opts ...unitofwork.Option) error {
	return unitofwork.Do(ctx, b.db, func(ctx context.Context, u *unitofwork.Unit) error {
		return fn(ctx, u, unitofwork.Of(u, b.accounts, key))
	}, append([]unitofwork.Option{unitofwork.Publish(b)}, opts...)...)
}

func key(a *account) int64 { return a.ID }

type set = unitofwork.Set[account, int64]

// has checks the accounts and the events, as "owner amount, …" and lines.
func (b *bank) has(t *testing.T, accounts, log string) {
	t.Helper()
	var all []string
	for a, err := range b.accounts.Find(t.Context(), repo.Query{Sort: []repo.Sort{{Field: "owner"}}}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(a.Owner, " ", a.Amount))
	}
	if got := strings.Join(all, ", "); got != accounts {
		t.Errorf("accounts: %q, want %q", got, accounts)
	}
	var lines []string
	for s, err := range sqldb.Select(t.Context(), b.db, func(r sqldb.Rows) (s string, err error) { err = r.Scan(&s); return s, err }, "SELECT line FROM "+b.log+" ORDER BY id") {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, s)
	}
	if got := strings.Join(lines, ", "); got != log {
		t.Errorf("events: %q, want %q", got, log)
	}
}

// open makes an account.
func (b *bank) open(t *testing.T, owner string, amount int64) int64 {
	t.Helper()
	a := account{Owner: owner, Amount: amount}
	if err := b.accounts.Save(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	return a.ID
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
		if err := errors.Join(s.Dirty(a), s.Removed(a), s.New(never), s.Removed(never), s.Removed(g), s.New(moved)); err != nil {
			return err // the second grace is inserted after the first is deleted
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
	b.has(t, "ada 2, x 0", "ada 1")
}

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
