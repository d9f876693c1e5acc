package natsfaults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
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

// What the children are told.
const (
	urlEnv  = "LEXIGRAM_NATSFAULTS_URL"
	fileEnv = "LEXIGRAM_NATSFAULTS_FILE"
	dieEnv  = "LEXIGRAM_NATSFAULTS_DIE" // before or after how many events; 0 is never
)

// A consumer process is killed inside a handler, again and again. What the
// handlers write is there once for each event, in the order of each key, thanks
// to the inbox.
func TestConsumerKilled(t *testing.T) {
	const keys = 5
	kills := number(t, "LEXIGRAM_NATS_KILLS", 6)
	each := 40 + 4*kills
	server := servers.NewNATS(t, "")
	path, db := database(t)
	bus := open(t, options(server.URL()))
	c, err := bus.Subscribe(t.Context(), subscription, func(context.Context, events.Event) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Drain(t.Context()); err != nil { // the group stands
		t.Fatal(err)
	}
	var taken atomic.Int64
	load(t, bus, keys, each, &taken)
	for i := range kills {
		if code := child(t, "consume", server.URL(), path, 1+rand.IntN(12)); code != "signal: killed" {
			t.Fatalf("child %d ended with %s", i, code)
		}
	}
	if code := child(t, "consume", server.URL(), path, 0); code != "" {
		t.Fatalf("the last child ended with %s", code)
	}
	effects(t, db, keys, each)
	t.Logf("the consumer was killed %d times", kills)
}

var subscription = events.Subscription{Types: []string{"faults.>"}, Group: "g", Lanes: 3}

// consumeChild handles events with an inbox. It kills itself inside the handler
// of one, or ends when there has been none for a while.
func consumeChild() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
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
		inbox, err := outbox.NewInbox(db, nil)
		if err != nil {
			return err
		}
		bus, err := natsevents.Open(ctx, options(os.Getenv(urlEnv)))
		if err != nil {
			return err
		}
		var n atomic.Int64
		idle := time.AfterFunc(10*time.Second, cancel)
		_, err = bus.Subscribe(ctx, subscription, func(hctx context.Context, ev events.Event) error {
			idle.Reset(5 * time.Second)
			return inbox.Once(hctx, "g", ev, func(hctx context.Context) error {
				var k, i int
				if _, err := fmt.Sscan(string(ev.Data), &k, &i); err != nil {
					return err
				}
				if _, err := db.Exec(hctx, "INSERT INTO effect (key, number) VALUES ($1, $2)", k, i); err != nil {
					return err
				}
				if n.Add(1) == int64(die) {
					return kill()
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
		<-ctx.Done()
		return bus.Close(context.WithoutCancel(ctx))
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// kill ends this process at once.
func kill() error {
	p, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := p.Kill(); err != nil {
		return err
	}
	select {} // it is as good as dead
}

// child runs the test binary in a role, and returns how it ended.
func child(t *testing.T, role, url, path string, die int) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+role, urlEnv+"="+url, fileEnv+"="+path, fmt.Sprintf("%s=%d", dieEnv, die))
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		t.Log(lines.Text())
	}
	var ended *exec.ExitError
	switch err := cmd.Wait(); {
	case errors.As(err, &ended):
		return ended.String()
	case err != nil:
		t.Fatal(err)
	}
	return ""
}

// database returns a SQLite file with the tables of the outbox and of effects.
func database(t *testing.T) (path string, db *sqlite.DB) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "events.db")
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	files, err := outbox.Migrations().FS(db.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(files, "0001_outbox.sql")
	if err != nil {
		t.Fatal(err)
	}
	for statement := range strings.SplitSeq(strings.TrimSpace(string(text)), ";\n") {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec(t.Context(), "CREATE TABLE effect (position INTEGER PRIMARY KEY AUTOINCREMENT, key INTEGER NOT NULL, number INTEGER NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	return path, db
}

// effects checks that each event had its effect once, in the order of its key.
func effects(t *testing.T, db sqldb.Querier, keys, each int) {
	t.Helper()
	last := map[int]int{}
	type effect struct{ Key, Number int }
	total := 0
	rows, err := db.Query(t.Context(), "SELECT key, number FROM effect ORDER BY position")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e effect
		if err := rows.Scan(&e.Key, &e.Number); err != nil {
			t.Fatal(err)
		}
		if e.Number != last[e.Key]+1 {
			t.Errorf("the effect of event %d of key %d follows that of %d", e.Number, e.Key, last[e.Key])
		}
		last[e.Key] = e.Number
		total++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if total != keys*each {
		t.Errorf("%d effects of %d events", total, keys*each)
	}
}
