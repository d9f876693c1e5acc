package eventssqltest

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// eventsToProve is how many events [RunEventStoreProof] appends: 20,000, or what
// LEXIGRAM_PROVE_EVENTS says.
func eventsToProve(t *testing.T) int {
	text := os.Getenv("LEXIGRAM_PROVE_EVENTS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		t.Fatalf("LEXIGRAM_PROVE_EVENTS is %q: make it a number of at least 1000", text)
	}
	return n
}

// streams is how many the events of the proof are in, one large one apart.
const streams = 1000

// RunEventStoreProof appends many events, alone and together, by one writer and
// by several, and reads them: it prints rates, and fails if an event is missing
// or comes twice, or if reading takes more memory the further it is. Then it builds
// a projection of them.
func RunEventStoreProof(t *testing.T, open func(t *testing.T) sqldb.DB) {
	j := openEventStore(t, open(t))
	n := eventsToProve(t)
	single := n / 20
	rate(t, fmt.Sprintf("%s: append one by one", j.db.Dialect()), single, func() { fillSingly(t, j, 0, single) })
	rate(t, "append one by one, 8 writers", single, func() {
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() { fillSingly(t, j, single+w*single/8, single/8) })
		}
		wg.Wait()
	})
	done := single + single/8*8
	rate(t, "append 100 in a commit", n-done, func() {
		for ; done < n; done += 100 {
			stream := "large"
			if done%200 != 0 {
				stream = strconv.Itoa(done / 100 % streams)
			}
			if _, err := j.Append(t.Context(), stream, eventstore.Any, proofEvents(min(100, n-done))...); err != nil {
				t.Fatal(err)
			}
		}
	})
	rate(t, "read all", n, func() { readProof(t, j.ReadAll(t.Context(), ""), n) })
	large, err := j.Append(t.Context(), "large", eventstore.Any)
	if err != nil {
		t.Fatal(err)
	}
	rate(t, "read the largest stream", int(large.Version), func() { readProof(t, j.Read(t.Context(), "large", 0), int(large.Version)) })
	proveProjection(t, j, n)
}

func rate(t *testing.T, what string, n int, f func()) {
	t.Helper()
	start := time.Now()
	f()
	took := time.Since(start)
	t.Logf("%-32s %9d events in %10v: %9.0f a second", what, n, took.Round(time.Millisecond), float64(n)/took.Seconds())
}

func proofEvents(n int) []events.Event {
	evs := make([]events.Event, n)
	for i := range evs {
		evs[i] = events.New("/proof", "proof.happened", make([]byte, 128))
	}
	return evs
}

func fillSingly(t *testing.T, j joined, from, n int) {
	for i := range n {
		if _, err := j.Append(t.Context(), strconv.Itoa((from+i)%streams), eventstore.Any, proofEvents(1)...); err != nil {
			t.Error(err)
			return
		}
	}
}

// readProof reads n events, and looks at the heap ten times on the way.
func readProof(t *testing.T, seq func(func(eventstore.Recorded, error) bool), n int) {
	t.Helper()
	var last eventstore.Recorded
	h := heap{}
	got := 0
	for rec, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		if rec.Position <= last.Position {
			t.Fatalf("position %q comes after %q", rec.Position, last.Position)
		}
		last = rec
		got++
		h.look(int64(got), int64(n))
	}
	if got != n {
		t.Errorf("%d events, want %d", got, n)
	}
	h.check(t, n)
}
