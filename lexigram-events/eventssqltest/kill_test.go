package eventssqltest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// childEnv names the database file of a process that only relays.
const childEnv = "LEXIGRAM_EVENTS_RELAY"

// TestKill kills a process that relays, again and again, between claiming,
// handling and marking. Nothing is lost; what comes again keeps the order of
// its key: the first time an event is handled, all earlier ones have been.
func TestKill(t *testing.T) {
	const keys, each, kills = 5, 60, 6
	path := filepath.Join(t.TempDir(), "events.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	apply(t.Context(), db)
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= each; i++ {
		for k := range keys {
			ev := events.Event{ID: fmt.Sprintf("%d/%d", k, i), Source: "/kill", Type: "a", Key: fmt.Sprint(k)}
			if err := box.Publish(t.Context(), ev); err != nil {
				t.Fatal(err)
			}
		}
	}
	handled := map[int]int{} // by key, the latest number
	total := 0
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
		relayUntil(t, path, 1+rand.IntN(30), take, false)
	}
	relayUntil(t, path, 1<<30, take, true)
	if total != keys*each {
		t.Errorf("%d of %d events were handled", total, keys*each)
	}
	var sent int
	if err := sqldb.QueryRow(t.Context(), db, "SELECT COUNT(*) FROM lexigram_outbox WHERE status = 1").Scan(&sent); err != nil || sent != keys*each {
		t.Errorf("%d of %d events are marked, %v", sent, keys*each, err)
	}
}

// relayUntil runs a process that relays, and kills it after n events; with
// finish it lets it go on to the end.
func relayUntil(t *testing.T, path string, n int, take func(line string), finish bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestRelayProcess$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		take(lines.Text())
		if n--; n == 0 {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Wait(); finish && err != nil {
		t.Errorf("the last process: %v", err)
	}
}

// TestRelayProcess is the process of [TestKill]: it ends when nothing is unsent.
func TestRelayProcess(t *testing.T) {
	path := os.Getenv(childEnv)
	if path == "" {
		t.Skip("is run by TestKill")
	}
	ctx := t.Context()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bus := memoryevents.New(memoryevents.Options{})
	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{">"}}, func(_ context.Context, ev events.Event) error {
		_, err := io.WriteString(os.Stdout, strings.Join([]string{"handled ", ev.ID, "\n"}, ""))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	relay, err := outbox.NewRelay(db, bus, outbox.RelayOptions{ReclaimOnStart: true, Batch: 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := relay.Start(ctx); err != nil {
		t.Fatal(err)
	}
	for left, tick := 1, time.Tick(10*time.Millisecond); left > 0; <-tick {
		if err := sqldb.QueryRow(ctx, db, "SELECT COUNT(*) FROM lexigram_outbox WHERE status = 0").Scan(&left); err != nil {
			t.Fatal(err)
		}
	}
	if err := relay.Drain(ctx); err != nil {
		t.Error(err)
	}
	if err := bus.Close(ctx); err != nil {
		t.Error(err)
	}
}
