package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/eventstore/eventstoretest"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/sqleventstore"
)

// RunEventStore checks the event store: the rules of its contract, and what it
// promises besides, each on a database of its own. open returns an empty
// database and registers its own cleanup on t.
func RunEventStore(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Run("contract", func(t *testing.T) {
		eventstoretest.Run(t, func(t *testing.T) eventstore.Log { return openEventStore(t, open(t)) })
	})
	for name, check := range map[string]func(*testing.T, joined){
		"events and an outbox":       storeAndOutbox,
		"two stores, one that polls": storePolls,
		"two stores, one that hears": storeHears,
		"run ends with its context":  storeRunEnds,
		"position ahead":             storeAhead,
		"isolated transactions":      storeIsolated,
		"aggregates and an outbox":   storeSourcing,
		"migrations go back":         storeMigrations,
	} {
		t.Run(name, func(t *testing.T) { check(t, openEventStore(t, open(t))) })
	}
}

// A joined store is tested with the transactions of its database.
type joined struct {
	*sqleventstore.Store
	db sqldb.DB
}

var _ eventstoretest.Transactor = joined{}

func (j joined) InTx(ctx context.Context, fn func(ctx context.Context) error) error {
	return j.db.InTx(ctx, fn)
}

func openEventStore(t *testing.T, db sqldb.DB) joined {
	t.Helper()
	applyFiles(t, db, sqleventstore.Migrations(), ".sql")
	store, err := sqleventstore.New(db, sqleventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return joined{store, db}
}

// another returns a second store of the same database, as another process has.
func (j joined) another(t *testing.T, poll time.Duration) *sqleventstore.Store {
	t.Helper()
	s, err := sqleventstore.New(j.db, sqleventstore.Options{Poll: poll})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (j joined) append(t *testing.T, stream string, ids ...string) eventstore.Appended {
	t.Helper()
	var evs []events.Event
	for _, id := range ids {
		evs = append(evs, event(id, ""))
	}
	done, err := j.Append(t.Context(), stream, eventstore.Any, evs...)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// all returns what ReadAll yields after a position.
func (j joined) all(t *testing.T, after eventstore.Position) (recs []eventstore.Recorded) {
	t.Helper()
	for rec, err := range j.ReadAll(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec)
	}
	return recs
}

func storeAndOutbox(t *testing.T, j joined) {
	migrate(t, j.db, ".sql")
	box, err := outbox.New(j.db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	for _, end := range []error{boom, nil} {
		err := j.db.InTx(t.Context(), func(ctx context.Context) error {
			_, err := j.Append(ctx, "a", eventstore.NoStream, event("1", "a"), event("2", "a"))
			if err == nil {
				err = box.Publish(ctx, event("1", "a"), event("2", "a"))
			}
			return errors.Join(err, end)
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
		b := &bench{db: j.db}
		want := 2
		if end != nil {
			want = 0
		}
		if n, kept := b.count(t, "status = 0"), len(j.all(t, "")); n != want || kept != want {
			t.Errorf("after %v: %d events in the outbox and %d in the store, want %d", end, n, kept, want)
		}
	}
}

// wakes checks that an append of j wakes the wait of another store.
func wakes(t *testing.T, j joined, other *sqleventstore.Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var at eventstore.Position
	for n := range 3 {
		woken, after := make(chan error, 1), at
		go func() { woken <- other.Wait(ctx, after) }()
		at = j.append(t, "a", fmt.Sprint(n)).Position
		if err := <-woken; err != nil {
			t.Fatalf("Wait = %v", err)
		}
	}
}

func storePolls(t *testing.T, j joined) { wakes(t, j, j.another(t, 5*time.Millisecond)) }

func storeHears(t *testing.T, j joined) {
	if _, ok := j.db.(sqldb.Listener); !ok {
		t.Skip("this database does not notify")
	}
	other := j.another(t, time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- other.Run(ctx) }()
	// Until it listens, what is appended is found by the look that Wait begins with.
	wakes(t, j, other)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v, want its context's end", err)
	}
}

func storeRunEnds(t *testing.T, j joined) {
	boom := errors.New("boom")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	cancel(boom)
	if err := <-done; !errors.Is(err, boom) {
		t.Errorf("Run = %v, want the cause of its context", err)
	}
	if err := j.Run(ctx); !errors.Is(err, boom) {
		t.Errorf("Run in a context that has ended = %v, want its cause", err)
	}
}

// storeAhead reads after a position that the store has not reached, as a reader does
// whose store was restored from an old backup.
func storeAhead(t *testing.T, j joined) {
	at := j.append(t, "a", "1").Position
	for _, pos := range []eventstore.Position{ahead(at), "0fffffff" + at[8:]} {
		for _, err := range j.ReadAll(t.Context(), pos) {
			if !errors.Is(err, eventstore.ErrPosition) {
				t.Errorf("ReadAll(%q) = %v, want ErrPosition", pos, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		if err := j.Wait(ctx, pos); !errors.Is(err, eventstore.ErrPosition) {
			t.Errorf("Wait(%q) = %v, want ErrPosition", pos, err)
		}
		cancel()
	}
}

// ahead returns a position that the store of at has not reached.
func ahead(at eventstore.Position) eventstore.Position {
	if at[:8] != "00000000" {
		return at[:9] + "0000ffffffffffff" + at[25:]
	}
	return at[:len(at)-8] + "ffffffff"
}

// storeIsolated has a transaction that sees nothing of what was committed since it
// began append to a stream that another has appended to.
func storeIsolated(t *testing.T, j joined) {
	attempts := 0
	err := j.db.InTx(t.Context(), func(ctx context.Context) error {
		attempts++
		if _, err := j.Append(ctx, "mine", eventstore.Any, event("0", "")); err != nil {
			return err
		}
		beside := make(chan error, 1)
		if attempts == 1 && j.db.Dialect() == sqldb.Postgres { // on SQLite it would wait for this transaction
			go func() { // outside the transaction
				_, err := j.Append(t.Context(), "a", eventstore.NoStream, event("beside", ""))
				beside <- err
			}()
			if err := <-beside; err != nil {
				return err
			}
		}
		_, err := j.Append(ctx, "a", eventstore.Any, event("1", ""), event("2", ""))
		return err
	}, sqldb.WithIsolation(sqldb.Serializable))
	if err != nil {
		t.Fatal(err)
	}
	if want := map[sqldb.Dialect]int{sqldb.Postgres: 2, sqldb.SQLite: 1}[j.db.Dialect()]; attempts != want {
		t.Errorf("%d attempts, want %d", attempts, want)
	}
	for rec, err := range j.Read(t.Context(), "a", 0) {
		if err != nil {
			t.Fatal(err)
		}
		t.Log(rec.Version, rec.ID)
	}
}

func storeMigrations(t *testing.T, j joined) {
	applyFiles(t, j.db, sqleventstore.Migrations(), ".down.sql")
	if _, err := j.Append(t.Context(), "a", eventstore.Any, event("1", "")); !errors.Is(err, eventstore.Err) {
		t.Errorf("Append without tables = %v", err)
	}
	applyFiles(t, j.db, sqleventstore.Migrations(), ".sql")
	j.append(t, "a", "1")
}
