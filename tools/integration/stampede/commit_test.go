package stampede

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

var errRolledBack = errors.New("rolled back")

// database returns an empty database with the tables of the outbox.
func database(t *testing.T) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "state.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// inMemory returns a cache that holds "old" under k for acme.
func inMemory(t *testing.T, acme context.Context) *loading.Cache[string] {
	t.Helper()
	store, err := memorycache.New(memorycache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	c, err := loading.New[string](store, loading.Options{Name: "users"})
	if err != nil {
		t.Fatal(err)
	}
	is(t, acme, c, "old", "old")
	return c
}

// is checks what a fetch of k returns when the source has now.
func is(t *testing.T, acme context.Context, c *loading.Cache[string], now, want string) {
	t.Helper()
	v, err := c.Fetch(acme, "k", func(context.Context, string) (string, error) { return now, nil })
	if v != want || err != nil {
		t.Errorf("Fetch = %q, %v, want %q", v, err, want)
	}
}

func TestForgetOnCommit(t *testing.T) {
	db, acme := database(t), tenancy.With(t.Context(), "acme")
	c := inMemory(t, acme)
	forget := func(end error) error {
		return db.InTx(acme, func(ctx context.Context) error {
			if err := c.ForgetOnCommit(ctx, loading.Change{Keys: []string{"k"}}); err != nil {
				return err
			}
			is(t, acme, c, "early", "old") // others see what is committed
			return end
		})
	}
	if err := forget(errRolledBack); !errors.Is(err, errRolledBack) {
		t.Fatal(err)
	}
	is(t, acme, c, "new", "old")
	if err := forget(nil); err != nil {
		t.Fatal(err)
	}
	is(t, acme, c, "new", "new")
}

// TestAnnounce has the event be in the outbox if the transaction commits, and
// the value be forgotten when it arrives.
func TestAnnounce(t *testing.T) {
	db, acme := database(t), tenancy.With(t.Context(), "acme")
	m, err := migrate.New(db, migrate.Options{}, outbox.Migrations())
	if err == nil {
		_, err = m.Up(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	c := inMemory(t, acme)
	bus := memoryevents.New(memoryevents.Options{})
	heard := make(chan error)
	_, err = bus.Subscribe(t.Context(), events.Subscription{Types: []string{loading.EventChanged}, Group: "cache"}, func(ctx context.Context, ev events.Event) error {
		err := c.Heed(ctx, ev)
		heard <- err
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	relay, err := outbox.NewRelay(db, bus, outbox.RelayOptions{Wake: box.Committed()})
	if err == nil {
		err = relay.Start(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	change := func(end error) {
		err := db.InTx(acme, func(ctx context.Context) error {
			return errors.Join(c.Announce(ctx, box, loading.Change{Keys: []string{"k"}}), end)
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	change(errRolledBack)
	is(t, acme, c, "new", "old")
	change(nil)
	if err := <-heard; err != nil {
		t.Error(err)
	}
	is(t, acme, c, "new", "new")
	if err := errors.Join(relay.Drain(t.Context()), bus.Close(t.Context())); err != nil {
		t.Error(err)
	}
}
