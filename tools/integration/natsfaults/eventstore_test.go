package natsfaults

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// Writers append while the server is killed and started, again and again. An
// answer that is lost is no second append: each stream has every event once, in
// the order in which they were appended.
func TestEventStoreServerKilled(t *testing.T) {
	const writers, kills = 4, 5
	each := number(t, "LEXIGRAM_NATS_EVENTS", 4000) / 10
	server := servers.NewNATS(t, "")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	nc, err := natsevents.Connect(ctx, natsevents.Config{URL: config.NewSecret(server.URL())})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	store, err := natsevents.NewEventStore(ctx, nc, natsevents.EventStoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var appended atomic.Int64
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			at := eventstore.NoStream
			for i := range each {
				ev := events.New("/faults", "faults.happened", nil)
				ev.ID = strconv.Itoa(i)
				done, err := store.Append(ctx, fmt.Sprint("s", w), at, ev)
				if err != nil {
					t.Errorf("writer %d, event %d: %v", w, i, err)
					return
				}
				at = done.Version
				appended.Add(1)
			}
		})
	}
	for i := 1; i <= kills; i++ {
		for appended.Load() < int64(i*writers*each/(kills+1)) && ctx.Err() == nil && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		if err := errors.Join(server.Kill(), server.Start()); err != nil {
			t.Fatal(err)
		}
	}
	all.Wait()
	for w := range writers {
		n := 0
		for rec, err := range store.Read(ctx, fmt.Sprint("s", w), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if rec.ID != strconv.Itoa(n) || rec.Version != eventstore.Version(n+1) {
				t.Fatalf("stream %d: event %s at version %d, want %d", w, rec.ID, rec.Version, n)
			}
			n++
		}
		if n != each {
			t.Errorf("stream %d has %d events, want %d", w, n, each)
		}
	}
	t.Logf("the server was killed %d times", kills)
}
