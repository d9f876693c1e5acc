package eventssqltest_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-events/sqlevents"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// What the process of a kill test is told.
const (
	childEnv = "LEXIGRAM_EVENTS_CHILD" // "outbox" or "sqlevents"
	pathEnv  = "LEXIGRAM_EVENTS_PATH"  // of the database
	diesEnv  = "LEXIGRAM_EVENTS_DIES"  // after how many events; 0 goes on to the end
)

// TestKill kills a process that relays 200 times, each time when an event was
// handled and not yet marked. Nothing is lost; what comes again keeps the order
// of its key: the first time an event is handled, all earlier ones have been;
// and what it has written through the inbox is there once.
func TestKill(t *testing.T) { killed(t, "outbox", 200) }

// TestKillSQLEvents does so to the bus, whose next process waits for the leases.
func TestKillSQLEvents(t *testing.T) { killed(t, "sqlevents", 40) }

const (
	keys = 5
	each = 100
)

func killed(t *testing.T, kind string, kills int) {
	if testing.Short() {
		kills /= 10
	}
	path := filepath.Join(t.TempDir(), "events.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fill(t, kind, db)
	handled := map[int]int{} // by key, the latest number
	total, deaths := 0, 0
	take := func(line string) {
		var k, i int
		if _, err := fmt.Sscanf(line, "handled %d/%d", &k, &i); err != nil {
			return // half a line of a process that was killed
		}
		if i > handled[k]+1 {
			t.Errorf("event %d of key %d is handled after %d", i, k, handled[k])
		}
		if i == handled[k]+1 {
			handled[k] = i
			total++
		}
	}
	for range kills {
		if child(t, kind, path, 1+rand.IntN(8), take) {
			deaths++
		}
	}
	child(t, kind, path, 0, take)
	if total != keys*each || deaths < kills*9/10 {
		t.Errorf("%d of %d events were handled, over %d deaths of %d", total, keys*each, deaths, kills)
	}
	var effects, waiting int
	if err := sqldb.QueryRow(t.Context(), db, "SELECT COUNT(*) FROM effects").Scan(&effects); err != nil || effects != keys*each {
		t.Errorf("%d effects of %d events, %v", effects, keys*each, err)
	}
	if err := sqldb.QueryRow(t.Context(), db, "SELECT COUNT(*) FROM "+tableOf[kind]+" WHERE status <> 1").Scan(&waiting); err != nil || waiting != 0 {
		t.Errorf("%d events are not marked, %v", waiting, err)
	}
}

var tableOf = map[string]string{"outbox": "lexigram_outbox", "sqlevents": "lexigram_event_queue"}

// fill makes the tables and publishes the events.
func fill(t *testing.T, kind string, db sqldb.DB) {
	t.Helper()
	apply(t.Context(), db)
	applyFile(t.Context(), db, sqlevents.Migrations(), "0001_events.sql")
	if _, err := db.Exec(t.Context(), "CREATE TABLE effects (id TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	pub := events.Publisher(box)
	if kind == "sqlevents" {
		bus, err := sqlevents.New(db, sqlevents.Options{})
		if err != nil {
			t.Fatal(err)
		}
		pub = bus
	}
	for i := 1; i <= each; i++ {
		var evs []events.Event
		for k := range keys {
			evs = append(evs, events.Event{ID: fmt.Sprintf("%d/%d", k, i), Source: "/kill", Type: "a", Key: fmt.Sprint(k)})
		}
		if err := pub.Publish(t.Context(), evs...); err != nil {
			t.Fatal(err)
		}
	}
}

// child runs a process that handles, and reports whether it was killed.
func child(t *testing.T, kind, path string, dies int, take func(line string)) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childEnv+"="+kind, pathEnv+"="+path, diesEnv+"="+strconv.Itoa(dies))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		take(lines.Text())
	}
	err = cmd.Wait()
	if ctx.Err() != nil || dies == 0 && err != nil {
		t.Fatalf("the process: %v", err)
	}
	return err != nil
}

// TestChild is the process of the kill tests: it ends when nothing waits.
func TestChild(t *testing.T) {
	kind := os.Getenv(childEnv)
	if kind == "" {
		t.Skip("is run by TestKill")
	}
	ctx := t.Context()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: os.Getenv(pathEnv)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dies, err := strconv.Atoi(os.Getenv(diesEnv))
	if err != nil {
		t.Fatal(err)
	}
	handle := handler(t, db, dies)
	if kind == "outbox" {
		relays(t, db, handle)
		return
	}
	bus, err := sqlevents.New(db, sqlevents.Options{Lease: 300 * time.Millisecond, Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{">"}, Group: "g", Begin: events.Earliest, Lanes: 4}, handle)
	if err != nil {
		t.Fatal(err)
	}
	idle(t, db, "lexigram_event_queue")
	if err := bus.Close(ctx); err != nil {
		t.Error(err)
	}
}

func relays(t *testing.T, db sqldb.DB, handle events.Handler) {
	bus := memoryevents.New(memoryevents.Options{})
	if _, err := bus.Subscribe(t.Context(), events.Subscription{Types: []string{">"}}, handle); err != nil {
		t.Fatal(err)
	}
	relay, err := outbox.NewRelay(db, bus, outbox.RelayOptions{ReclaimOnStart: true, Batch: 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := relay.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	idle(t, db, "lexigram_outbox")
	if err := relay.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if err := bus.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// handler writes an effect once, says so, and dies after so many events: each
// time it has handled an event that is not marked.
func handler(t *testing.T, db sqldb.DB, dies int) events.Handler {
	in, err := outbox.NewInbox(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	turn := make(chan int, 1) // one at a time says so or dies
	turn <- 0
	return func(ctx context.Context, ev events.Event) error {
		err := in.Once(ctx, "kill", ev, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO effects (id) VALUES ($1)", ev.ID)
			return err
		})
		n := <-turn + 1
		defer func() { turn <- n }()
		if err != nil {
			return err
		}
		if _, err := os.Stdout.WriteString(strings.Join([]string{"handled ", ev.ID, "\n"}, "")); err != nil {
			return err
		}
		if n == dies {
			p, err := os.FindProcess(os.Getpid())
			if err != nil {
				return err
			}
			if err := p.Kill(); err != nil {
				return err
			}
			select {} // until it happens
		}
		return nil
	}
}

// idle waits until nothing waits in the table.
func idle(t *testing.T, db sqldb.DB, table string) {
	for left, tick := 1, time.Tick(10*time.Millisecond); left > 0; <-tick {
		if err := sqldb.QueryRow(t.Context(), db, "SELECT COUNT(*) FROM "+table+" WHERE status = 0").Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
}
