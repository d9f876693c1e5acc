package natsfaults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// The relay of an outbox is killed between sending an event and marking it,
// again and again. Each event has its effect once, in the order of its key.
func TestRelayKilled(t *testing.T) {
	const keys = 10
	kills := number(t, "LEXIGRAM_NATS_RELAY_KILLS", 10)
	each := max(10, kills/2)
	server := servers.NewNATS(t, "")
	path, db := database(t)
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := outbox.NewInbox(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	bus := open(t, options(server.URL()))
	_, err = bus.Subscribe(t.Context(), subscription, func(ctx context.Context, ev events.Event) error {
		return inbox.Once(ctx, "g", ev, func(ctx context.Context) error {
			var k, i int
			if _, err := fmt.Sscan(string(ev.Data), &k, &i); err != nil {
				return err
			}
			_, err := db.Exec(ctx, "INSERT INTO effect (key, number) VALUES ($1, $2)", k, i)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= each; i++ {
		for k := range keys {
			if err := box.Publish(t.Context(), event(k, i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range kills {
		if code := child(t, "relay", server.URL(), path, 1+rand.IntN(4)); code != "signal: killed" {
			t.Fatalf("child %d ended with %s", i, code)
		}
	}
	if code := child(t, "relay", server.URL(), path, 0); code != "" {
		t.Fatalf("the last child ended with %s", code)
	}
	wait(t, "every effect", func() bool { return rows(t, db, "SELECT COUNT(*) FROM effect") >= keys*each })
	effects(t, db, keys, each)
	if n := rows(t, db, "SELECT COUNT(*) FROM lexigram_outbox WHERE status = 1"); n != keys*each {
		t.Errorf("%d of %d events are marked as sent", n, keys*each)
	}
	t.Logf("the relay was killed %d times, of %d events", kills, keys*each)
}

// relayChild relays until there is nothing left, or kills itself when the
// server has taken an event and before that is marked.
func relayChild() int {
	ctx := context.Background()
	err := func() error {
		die, err := strconv.Atoi(os.Getenv(dieEnv))
		if err != nil {
			return err
		}
		db, err := sqlite.Open(ctx, sqlite.Config{Path: os.Getenv(fileEnv)})
		if err != nil {
			return err
		}
		defer db.Close()
		bus, err := natsevents.Open(ctx, options(os.Getenv(urlEnv)))
		if err != nil {
			return err
		}
		relay, err := outbox.NewRelay(db, &dying{Publisher: bus, die: int64(die)}, outbox.RelayOptions{ReclaimOnStart: true, Poll: 20 * time.Millisecond, Parallel: 4})
		if err != nil {
			return err
		}
		if err := relay.Start(ctx); err != nil {
			return err
		}
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			var left int
			if err := sqldb.QueryRow(ctx, db, "SELECT COUNT(*) FROM lexigram_outbox WHERE status = 0").Scan(&left); err != nil {
				return err
			}
			if left == 0 {
				break
			}
		}
		if err := relay.Stop(ctx); err != nil {
			return err
		}
		return bus.Close(ctx)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A dying publisher kills its process after it has published.
type dying struct {
	events.Publisher
	n   atomic.Int64
	die int64
}

func (d *dying) Publish(ctx context.Context, evs ...events.Event) error {
	err := d.Publisher.Publish(ctx, evs...)
	if err == nil && d.n.Add(1) == d.die {
		return kill()
	}
	return err
}

func rows(t *testing.T, db sqldb.Querier, query string) (n int) {
	t.Helper()
	if err := sqldb.QueryRow(t.Context(), db, query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
		<-tick.C
	}
}
