// Package eventssqltest checks the packages of lexigram-events that keep
// tables, on any database:
//
//	func TestEvents(t *testing.T) {
//		eventssqltest.Run(t, func(t *testing.T) sqldb.DB { return open(t) })
//	}
package eventssqltest

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// Run checks the outbox, the relay and the inbox, each promise on a database
// of its own. open returns an empty database and registers its own cleanup on
// t. Run applies the migrations.
func Run(t *testing.T, open func(t *testing.T) sqldb.DB) {
	t.Run("bus", func(t *testing.T) { runBus(t, open) })
	for name, check := range map[string]func(*testing.T, *bench){
		"event is kept intact":             intact,
		"commit and rollback":              atomicity,
		"many events in one call":          bulk,
		"equal source and id":              dedup,
		"what cannot be stored is refused": hostile,
		"cancelled publish":                cancelledPublish,
		"order of keys":                    order,
		"failure holds back its key only":  holdsBack,
		"clock steps":                      clockSteps,
		"two relays":                       twoRelays,
		"lease of a crashed relay ends":    crash,
		"lost lease is not marked":         lostLease,
		"leases are extended":              heartbeat,
		"reclaim on start":                 reclaim,
		"stop gives back":                  stopGivesBack,
		"drain finishes":                   drainFinishes,
		"stop before start":                stopBeforeStart,
		"handlers acknowledge":             acknowledge,
		"decorator of a publisher":         decorator,
		"poison":                           poison,
		"many dead letters":                manyDead,
		"dead letters at the command line": deadCommands,
		"attempts are exhausted":           exhausted,
		"closed bus costs no attempt":      closedBus,
		"panic of the publisher":           panics,
		"database fails for a while":       faults,
		"drain over a broken database":     drainOverBroken,
		"retention":                        retention,
		"health":                           healthCheck,
		"inbox once":                       inboxOnce,
		"inbox rolls back":                 inboxRollsBack,
		"migrations go back":               migrationsGoBack,
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			migrate(t, db, ".sql")
			check(t, newBench(t, db))
		})
	}
}

// migrate makes the tables of the outbox, or undoes them.
func migrate(t *testing.T, db sqldb.DB, suffix string) {
	t.Helper()
	applyFiles(t, db, outbox.Migrations(), suffix)
}

// applyFiles runs the files whose names end so, in order, statement by statement.
func applyFiles(t *testing.T, db sqldb.DB, m sqldb.Migrations, suffix string) {
	t.Helper()
	files, err := m.FS(db.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*"+suffix)
	if err != nil || len(names) == 0 {
		t.Fatalf("migrations: %v, %v", names, err)
	}
	slices.SortFunc(names, cmp.Compare[string])
	if suffix == ".down.sql" {
		slices.Reverse(names)
	}
	for _, name := range names {
		if suffix == ".sql" && path.Ext(strings.TrimSuffix(name, ".sql")) == ".down" {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(string(text), ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := db.Exec(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, statement)
			}
		}
	}
}

// patience is how long a check waits for what must happen.
const patience = 20 * time.Second

// A bench is what a check works with.
type bench struct {
	db    sqldb.DB
	clock *clocktest.Fake
	box   *outbox.Outbox
}

func newBench(t *testing.T, db sqldb.DB) *bench {
	t.Helper()
	c := new(clocktest.Fake)
	c.Advance(6 * time.Microsecond) // times are kept to the microsecond
	box, err := outbox.New(db, outbox.Options{Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{db: db, clock: c, box: box}
}

// relay starts a relay on the bench's clock, which does not run by itself. The
// test's end stops it.
func (b *bench) relay(t *testing.T, pub events.Publisher, o outbox.RelayOptions) *outbox.Relay {
	t.Helper()
	return b.relayOn(t, b.db, pub, o)
}

func (b *bench) relayOn(t *testing.T, db sqldb.DB, pub events.Publisher, o outbox.RelayOptions) *outbox.Relay {
	t.Helper()
	o.Clock = b.clock
	o.Poll = cmp.Or(o.Poll, 5*time.Millisecond)
	o.Lease = cmp.Or(o.Lease, time.Hour)
	r, err := outbox.NewRelay(db, pub, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, r) })
	return r
}

func stop(t *testing.T, r *outbox.Relay) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func (b *bench) publish(t *testing.T, evs ...events.Event) {
	t.Helper()
	if err := b.box.Publish(t.Context(), evs...); err != nil {
		t.Fatal(err)
	}
}

// count returns how many rows of the outbox satisfy where.
func (b *bench) count(t *testing.T, where string) (n int) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), b.db, "SELECT COUNT(*) FROM lexigram_outbox WHERE "+where).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// until waits for cond.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(patience)
	for !cond() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

func event(id, key string) events.Event {
	return events.Event{ID: id, Source: "/test", Type: "test.happened", Key: key, Schema: 1, Time: time.Unix(1, 0)}
}
