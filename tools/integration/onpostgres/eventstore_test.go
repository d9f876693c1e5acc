package onpostgres

import (
	"context"
	"net/url"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/eventssqltest"
	"github.com/lexigram/lexigram-go/lexigram-events/sqleventstore"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestEventStore(t *testing.T) { eventssqltest.RunEventStore(t, open) }

func TestEventStoreProof(t *testing.T) { eventssqltest.RunEventStoreProof(t, open) }

func eventStore(t *testing.T, db sqldb.DB) *sqleventstore.Store {
	t.Helper()
	store, err := sqleventstore.New(db, sqleventstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func eventTables(t *testing.T, db sqldb.DB) {
	t.Helper()
	m, err := migrate.New(db, migrate.Options{}, sqleventstore.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// after returns the IDs of what stands after a position, and the last one's.
func after(t *testing.T, s *sqleventstore.Store, at eventstore.Position) (ids []string, last eventstore.Position) {
	t.Helper()
	last = at
	for rec, err := range s.ReadAll(t.Context(), at) {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Position <= last {
			t.Errorf("position %q comes after %q", rec.Position, last)
		}
		ids, last = append(ids, rec.ID), rec.Position
	}
	return ids, last
}

func appendOne(t *testing.T, s *sqleventstore.Store, id string) {
	t.Helper()
	ev := events.New("/test", "test.happened", nil)
	ev.ID = id
	if _, err := s.Append(t.Context(), "s", eventstore.Any, ev); err != nil {
		t.Fatal(err)
	}
}

// TestEventStoreMovesToAnotherServer does to the tables what a dump does that is
// restored on a server whose transactions count lower, or higher, or that is in
// place of what came after a backup: another history, and numbers of its own.
func TestEventStoreMovesToAnotherServer(t *testing.T) {
	for name, shift := range map[string]string{
		"counts lower":       "txn + 1000000000",
		"counts a bit lower": "txn + 1",
		"counts higher":      "txn - 1",
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			eventTables(t, db)
			s := eventStore(t, db)
			for _, id := range []string{"1", "2", "3"} {
				appendOne(t, s, id)
			}
			for _, sql := range []string{"UPDATE lexigram_event SET txn = " + shift, "UPDATE lexigram_event_epoch SET history = 'another'"} {
				if _, err := db.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			ids, at := after(t, s, "")
			if want := []string{"1", "2", "3"}; !slices.Equal(ids, want) {
				t.Fatalf("before an append: %v, want %v", ids, want)
			}
			two := ids[:2]
			appendOne(t, s, "4")
			appendOne(t, s, "5")
			if ids, _ := after(t, s, at); !slices.Equal(ids, []string{"4", "5"}) {
				t.Errorf("after the last position of before: %v, want [4 5]", ids)
			}
			if ids, _ := after(t, s, ""); len(ids) != 5 || !slices.Equal(ids[:2], two) {
				t.Errorf("all: %v", ids)
			}
		})
	}
}

// TestEventStoreOfAnOrdinaryRole appends and reads with the rights on the tables alone.
func TestEventStoreOfAnOrdinaryRole(t *testing.T) {
	address := servers.Postgres(t)
	db, err := postgres.Open(t.Context(), postgres.Config{URL: config.NewSecret(address)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	eventTables(t, db)
	const role = "lexigram_event_role"
	for _, sql := range []string{
		"DROP ROLE IF EXISTS " + role, "CREATE ROLE " + role + " LOGIN PASSWORD 'secret'",
		"GRANT SELECT, INSERT ON lexigram_event, lexigram_event_epoch TO " + role,
	} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		for _, sql := range []string{"DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := db.Exec(context.Background(), sql); err != nil {
				t.Error(err)
			}
		}
	}()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(role, "secret")
	as, err := postgres.Open(t.Context(), postgres.Config{URL: config.NewSecret(u.String())})
	if err != nil {
		t.Fatal(err)
	}
	defer as.Close()
	s := eventStore(t, as)
	appendOne(t, s, "1")
	if ids, _ := after(t, s, ""); !slices.Equal(ids, []string{"1"}) {
		t.Errorf("read %v", ids)
	}
}
