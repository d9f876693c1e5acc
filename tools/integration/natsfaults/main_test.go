// Package natsfaults kills NATS servers, consumers and relays while the module
// natsevents works, and fills a server's disk.
package natsfaults

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "consume":
		os.Exit(consumeChild())
	case "relay":
		os.Exit(relayChild())
	}
	servers.Main(m)
}

// roleEnv has the test binary be one of the processes that are killed.
const roleEnv = "LEXIGRAM_NATSFAULTS_ROLE"

// number is what an environment variable says: the long form, by make prove-nats.
func number(t *testing.T, name string, def int) int {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return def
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func options(url string) natsevents.Config {
	c := natsevents.Config{URL: config.NewSecret(url)}
	c.Lease, c.AckWait = time.Second, time.Second
	if os.Getenv("LEXIGRAM_TEST_LOG") != "" {
		c.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return c
}

func open(t *testing.T, c natsevents.Config) *natsevents.Bus {
	t.Helper()
	b, err := natsevents.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := b.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

// event returns number i, from 1, of key k.
func event(k, i int) events.Event {
	ev := events.Event{ID: fmt.Sprintf("%d/%d", k, i), Source: "/natsfaults", Type: "faults.a", Schema: 1, Time: time.Now()}
	ev.Key, ev.Data = fmt.Sprint("key", k), fmt.Appendf(nil, "%d %d", k, i)
	return ev
}

// A tally checks that of each key every event is handled, and not before the
// one before it. What was handled may be again.
type tally struct {
	mu      sync.Mutex
	handled map[int]int // by key, the latest number
	total   int
	again   int
	wrong   []string
	changed chan struct{}
}

func newTally() *tally { return &tally{handled: map[int]int{}, changed: make(chan struct{}, 1)} }

func (y *tally) take(k, i int) {
	y.mu.Lock()
	defer y.mu.Unlock()
	switch last := y.handled[k]; {
	case i <= last:
		y.again++
		return
	case i > last+1:
		y.wrong = append(y.wrong, fmt.Sprintf("event %d of key %d is handled after %d", i, k, last))
	}
	y.handled[k] = i
	y.total++
	select {
	case y.changed <- struct{}{}:
	default:
	}
}

func (y *tally) handle(_ context.Context, ev events.Event) error {
	var k, i int
	if _, err := fmt.Sscan(string(ev.Data), &k, &i); err != nil {
		return err
	}
	y.take(k, i)
	return nil
}

func (y *tally) count() int {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.total
}

// until waits for n events.
func (y *tally) until(t *testing.T, n int, most time.Duration) {
	t.Helper()
	timeout := time.NewTimer(most)
	defer timeout.Stop()
	for y.count() < n {
		select {
		case <-y.changed:
		case <-timeout.C:
			t.Fatalf("%d of %d events were handled within %v", y.count(), n, most)
		}
	}
}

// check reports what was lost or out of order.
func (y *tally) check(t *testing.T, keys, each int) {
	t.Helper()
	y.mu.Lock()
	defer y.mu.Unlock()
	for i, w := range y.wrong {
		if i == 10 {
			t.Errorf("and %d more", len(y.wrong)-10)
			break
		}
		t.Error(w)
	}
	for k := range keys {
		if y.handled[k] != each {
			t.Errorf("of key %d the last handled is %d of %d", k, y.handled[k], each)
		}
	}
	t.Logf("%d events of %d keys in order, %d handled again", y.total, keys, y.again)
}
