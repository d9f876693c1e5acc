package sourcing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/sourcing"
)

// entries is a state.Store of few lines.
type entries struct {
	m    map[string][]byte
	fail error
}

func (e entries) Get(_ context.Context, key string) ([]byte, error) {
	if b, ok := e.m[key]; ok && e.fail == nil {
		return b, nil
	}
	return nil, errors.Join(state.ErrNotFound, e.fail)
}

func (e entries) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if e.fail == nil && ttl == state.Permanent {
		e.m[key] = value
	}
	return e.fail
}

func (e entries) Delete(_ context.Context, key string) (bool, error) {
	_, ok := e.m[key]
	delete(e.m, key)
	return ok, e.fail
}

func every(n int, s state.Store) func(*sourcing.Options[*Account]) {
	return func(o *sourcing.Options[*Account]) { o.Snapshots, o.SnapshotEvery = s, n }
}

// fill deposits 1 a number of times.
func fill(t *testing.T, r *sourcing.Repository[*Account], n int) {
	t.Helper()
	for range n {
		if _, err := r.Update(t.Context(), "7", deposit(1)); err != nil {
			t.Fatal(err)
		}
	}
}

// loads checks the balance, and how many events were read for it.
func loads(t *testing.T, what string, r *sourcing.Repository[*Account], balance, applied int) {
	t.Helper()
	a, err := r.Load(t.Context(), "7")
	if err != nil || a.Balance != balance || a.applied != applied || a.Version() != eventstore.Version(balance) || a.Position() == "" || a.ID() != "7" {
		t.Errorf("%s: %+v, %v, want the balance %d of %d events", what, a, err, balance, applied)
	}
}

func TestSnapshots(t *testing.T) {
	store, kept := memoryeventstore.New(), entries{m: map[string][]byte{}}
	r := repository(t, store, every(10, kept))
	fill(t, r, 9)
	loads(t, "before the first", r, 9, 9)
	if len(kept.m) != 0 {
		t.Error("a snapshot comes early")
	}
	fill(t, r, 4)
	loads(t, "after the first", r, 13, 3)
	loads(t, "the same type elsewhere", repository(t, store, every(10, kept)), 13, 3)
	loads(t, "another revision", repository(t, store, every(10, kept), func(o *sourcing.Options[*Account]) { o.Revision = 1 }), 13, 13)
	loads(t, "another fact", repository(t, store, every(10, kept), func(o *sourcing.Options[*Account]) {
		o.Facts = append(o.Facts, sourcing.Fact[*Account, int]{Type: "x", Apply: func(*Account, int) {}})
	}), 13, 13)
	loads(t, "a store that fails", repository(t, store, every(10, entries{kept.m, errors.New("down")})), 13, 13)
	for key, b := range kept.m {
		for name, bad := range map[string][]byte{"cut": b[:10], "without state": b[:len(b)-1], "position": append(append([]byte{}, b[:24]...), 0xff, 0xff)} {
			loads(t, name, repository(t, store, every(10, entries{m: map[string][]byte{key: bad}})), 13, 13)
		}
	}
	if err := r.Forget(t.Context(), "7"); err != nil || len(kept.m) != 0 {
		t.Errorf("Forget: %v, %v", kept.m, err)
	}
	loads(t, "forgotten", r, 13, 13)
	if err := repository(t, store).Forget(t.Context(), "7"); err != nil {
		t.Error(err)
	}
	many := repository(t, store, every(10, kept))
	a, err := many.Load(t.Context(), "7")
	if err != nil {
		t.Fatal(err)
	}
	for range 25 { // past two multiples at once
		if err := a.Deposit(1); err != nil {
			t.Fatal(err)
		}
	}
	if err := many.Save(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	loads(t, "after many at once", many, 38, 0)
	fails := repository(t, store, every(1, entries{kept.m, errors.New("down")}))
	fill(t, fails, 1) // a snapshot that fails fails nothing
	loads(t, "after a snapshot that failed", r, 39, 1)
}

// A snapshot may be ahead of its stream after the store was restored: the first
// attempt of Update meets a conflict, the second one does without it.
func TestSnapshotAheadOfItsStream(t *testing.T) {
	kept := entries{m: map[string][]byte{}}
	fill(t, repository(t, memoryeventstore.New(), every(5, kept)), 5)
	restored := memoryeventstore.New()
	ev := events.New("/bank", deposited.Type, []byte(`{"Amount":1}`))
	ev.Schema = 2
	if _, err := restored.Append(t.Context(), "account-7", 0, ev); err != nil {
		t.Fatal(err)
	}
	a, err := repository(t, restored, every(5, kept)).Update(t.Context(), "7", deposit(1))
	if err != nil || a.Balance != 2 || a.Version() != 2 {
		t.Errorf("Update = %+v, %v, want the balance 2", a, err)
	}
}
