package datasqltest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/contracts/state/statetest"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlstate"
)

// RunState checks package sqlstate, with the suite of its contract, on the databases
// that open returns, each of them empty. open registers its own cleanup on t.
func RunState(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Helper()
	t.Run("contract", func(t *testing.T) {
		statetest.Run(t, func(t *testing.T) state.Store { return newState(t, open(t)) })
	})
	for name, check := range map[string]func(*testing.T, sqldb.DB, *sqlstate.Store){
		"state is outside transactions": stateDetaches,
		"sweep":                         stateSweeps,
		"an end of the clock":           stateEnds,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			check(t, db, newState(t, db))
		})
	}
}

func newState(t *testing.T, db sqldb.DB) *sqlstate.Store {
	t.Helper()
	migrated(t, db, sqlstate.Migrations())
	s, err := sqlstate.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stateDetaches writes in a transaction that rolls back.
func stateDetaches(t *testing.T, db sqldb.DB, s *sqlstate.Store) {
	var set error
	err := db.InTx(t.Context(), func(ctx context.Context) error {
		set = s.Set(ctx, "k", []byte("v"), time.Minute)
		if _, err := s.Get(ctx, "absent"); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("Get inside a transaction: %v", err)
		}
		return errLeft
	})
	if !errors.Is(err, errLeft) {
		t.Fatal(err)
	}
	if db.Dialect() == sqldb.SQLite {
		if !errors.Is(set, sqldb.ErrTxBusy) || !errors.Is(set, state.Err) {
			t.Errorf("Set inside the transaction of the one writer: %v, want ErrTxBusy at once", set)
		}
		return
	}
	if v, err := s.Get(t.Context(), "k"); err != nil || string(v) != "v" || set != nil {
		t.Errorf("Set = %v, and after the rollback Get = %q, %v", set, v, err)
	}
}

// stateSweeps has more rows than one statement deletes.
func stateSweeps(t *testing.T, db sqldb.DB, s *sqlstate.Store) {
	gone := map[string][]byte{}
	for i := range 1200 {
		gone[fmt.Sprint("gone ", i)] = nil
	}
	if err := errors.Join(s.SetMany(t.Context(), gone, time.Hour), s.Set(t.Context(), "live", nil, 3*time.Hour), s.Set(t.Context(), "permanent", nil, state.Permanent)); err != nil {
		t.Fatal(err)
	}
	execute(t, db, "UPDATE lexigram_state SET expires_at = expires_at - $1 WHERE expires_at < 9223372036854775807", (2 * time.Hour).Microseconds())
	if n := rowsOf(t, db, "lexigram_state"); n != 1202 {
		t.Errorf("%d rows, want 1202", n)
	}
	for _, want := range []int64{1200, 0} {
		if n, err := s.Sweep(t.Context()); err != nil || n != want {
			t.Errorf("Sweep = %d, %v, want %d", n, err, want)
		}
	}
	for _, key := range []string{"live", "permanent"} {
		if ok, err := state.Exists(t.Context(), s, key); err != nil || !ok {
			t.Errorf("%q is there: %v, %v", key, ok, err)
		}
	}
}

// stateEnds has a row whose end has passed, which no method sees before Sweep either.
func stateEnds(t *testing.T, db sqldb.DB, s *sqlstate.Store) {
	ctx := t.Context()
	if err := s.Set(ctx, "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	execute(t, db, "UPDATE lexigram_state SET expires_at = expires_at - $1", time.Hour.Microseconds())
	_, get := s.Get(ctx, "k")
	_, ttl := s.TTL(ctx, "k")
	for op, err := range map[string]error{"Get": get, "TTL": ttl, "Expire": s.Expire(ctx, "k", time.Hour)} {
		if !errors.Is(err, state.ErrNotFound) {
			t.Errorf("%s = %v, want ErrNotFound", op, err)
		}
	}
	for op, err := range map[string]error{"Swap": s.Swap(ctx, "k", []byte("v"), nil, time.Hour), "Remove": s.Remove(ctx, "k", []byte("v"))} {
		if !errors.Is(err, state.ErrChanged) {
			t.Errorf("%s = %v, want ErrChanged", op, err)
		}
	}
	many, err := s.GetMany(ctx, []string{"k"})
	existed, failed := s.Delete(ctx, "k")
	if err != nil || failed != nil || len(many) != 0 || existed {
		t.Errorf("GetMany = %v, %v; Delete = %v, %v", many, err, existed, failed)
	}
	if n := rowsOf(t, db, "lexigram_state"); n != 1 {
		t.Errorf("%d rows, want the one that has ended", n)
	}
	if err := s.Create(ctx, "k", []byte("new"), time.Hour); err != nil {
		t.Errorf("Create in its place = %v", err)
	}
}
