package onpostgres

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// waiting publishes n events that wait in the table, of so many keys. The ID
// of each is its number among those of its key, from 1.
func waiting(t testing.TB, box *outbox.Outbox, n, keys int) {
	t.Helper()
	body := make([]byte, 128)
	for i := 0; i < n; i += 500 {
		var evs []events.Event
		for j := i; j < min(i+500, n); j++ {
			ev := events.New("/relays/"+strconv.Itoa(j%keys), "relays.happened", body)
			ev.ID, ev.Key = strconv.Itoa(j/keys+1), strconv.Itoa(j%keys)
			evs = append(evs, ev)
		}
		if err := box.Publish(t.Context(), evs...); err != nil {
			t.Fatal(err)
		}
	}
}

// inOrder counts events, and keeps what is wrong: a key whose events are taken
// out of order, twice, or two at a time.
type inOrder struct {
	mu    sync.Mutex
	last  map[string]int
	busy  map[string]bool
	want  int
	done  chan struct{}
	wrong []string
}

func newInOrder(want int) *inOrder {
	return &inOrder{last: map[string]int{}, busy: map[string]bool{}, want: want, done: make(chan struct{})}
}

func (o *inOrder) Publish(_ context.Context, evs ...events.Event) error {
	for _, ev := range evs {
		o.begin(ev)
		o.end(ev)
	}
	return nil
}

func (o *inOrder) begin(ev events.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy[ev.Key] {
		o.wrong = append(o.wrong, fmt.Sprintf("%s of key %s is sent while another one is", ev.ID, ev.Key))
	}
	o.busy[ev.Key] = true
}

func (o *inOrder) end(ev events.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy[ev.Key] = false
	if want := strconv.Itoa(o.last[ev.Key] + 1); ev.ID != want {
		o.wrong = append(o.wrong, fmt.Sprintf("got %s of key %s, want %s", ev.ID, ev.Key, want))
	}
	o.last[ev.Key]++
	if o.want--; o.want == 0 {
		close(o.done)
	}
}

// check fails t unless every event came in order, and once.
func (o *inOrder) check(t testing.TB) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, w := range o.wrong {
		if i == 10 {
			t.Fatalf("and %d more", len(o.wrong)-i)
		}
		t.Error(w)
	}
	if o.want != 0 {
		t.Errorf("%d events are missing, or were sent too often", o.want)
	}
}

// drain has so many relays send what waits, and returns how long that took
// until all was marked.
func drain(t testing.TB, db sqldb.DB, relays int, to *inOrder) time.Duration {
	t.Helper()
	start := time.Now()
	all := make([]*outbox.Relay, relays)
	for i := range all {
		r, err := outbox.NewRelay(db, to, outbox.RelayOptions{Poll: 50 * time.Millisecond})
		if err == nil {
			err = r.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		all[i] = r
	}
	select {
	case <-to.done:
	case <-time.After(time.Minute):
	}
	for _, r := range all {
		if err := r.Drain(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}
	took := time.Since(start)
	to.check(t)
	var left int
	if err := sqldb.QueryRow(t.Context(), db, "SELECT count(*) FROM lexigram_outbox WHERE status <> 1").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d events are not marked, %v", left, err)
	}
	return took
}

// Relays that claim at the same time send each event once, and those of a key
// in order and one after another.
func TestOutboxRelaysInParallel(t *testing.T) {
	const n, keys = 20_000, 500
	db, box := withOutbox(t)
	waiting(t, box, n, keys)
	took := drain(t, db, 4, newInOrder(n))
	t.Logf("4 relays sent and marked %d events of %d keys in %v", n, keys, took)
}

func BenchmarkOutboxDrain(b *testing.B) {
	for _, relays := range []int{1, 4} {
		b.Run(fmt.Sprint("relays=", relays), func(b *testing.B) {
			const n = 20_000
			var took time.Duration
			for range b.N {
				db, box := withOutbox(b)
				waiting(b, box, n, 500)
				took += drain(b, db, relays, newInOrder(n))
			}
			b.ReportMetric(float64(n*b.N)/took.Seconds(), "events/s")
		})
	}
}
