package eventssqltest

import (
	"context"
	"runtime"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/projection"
)

// proveProjection builds a read model of the n events of a log, one statement
// for each event, then builds it anew beside that one: it prints rates, and fails
// if an event is missing or counts twice, or if it takes more memory the further it is.
func proveProjection(t *testing.T, j joined, n int) {
	applyFiles(t, j.db, projection.Migrations(), ".sql")
	_, err := j.db.Exec(t.Context(), "CREATE TABLE counts (generation BIGINT NOT NULL, stream TEXT NOT NULL, events BIGINT NOT NULL, PRIMARY KEY (generation, stream))")
	must(t, err)
	def := projection.Projection{Name: "counts", Version: 1, Handle: func(ctx context.Context, g projection.Generation, rec eventstore.Recorded) error {
		_, err := j.db.Exec(ctx, "INSERT INTO counts (generation, stream, events) VALUES ($1, $2, 1) ON CONFLICT (generation, stream) DO UPDATE SET events = counts.events + 1", int64(g), rec.Stream)
		return err
	}}
	p := j.projector(t, projection.Options{}, def)
	for _, what := range []string{"build a projection", "build it anew, beside it"} {
		h := heap{}
		rate(t, what, n, func() {
			must(t, p.Rebuild(t.Context(), "counts", func(pr projection.Progress) { h.look(pr.Events, int64(n)) }))
		})
		h.check(t, n)
		g, err := p.Live(t.Context(), "counts")
		must(t, err)
		var sum int
		must(t, sqldb.QueryRow(t.Context(), j.db, "SELECT CAST(SUM(events) AS BIGINT) FROM counts WHERE generation = $1", int64(g)).Scan(&sum))
		if sum != n {
			t.Errorf("generation %d counts %d events, want %d", g, sum, n)
		}
	}
}

// A heap is what is in use, looked at ten times on the way.
type heap struct {
	lowest, highest uint64
	next            int64
}

func (h *heap) look(at, of int64) {
	if at < h.next {
		return
	}
	h.next += of / 10
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if h.highest = max(h.highest, m.HeapAlloc); h.lowest == 0 {
		h.lowest = m.HeapAlloc
	}
	h.lowest = min(h.lowest, m.HeapAlloc)
}

func (h *heap) check(t *testing.T, n int) {
	t.Helper()
	t.Logf("%-32s %.1f to %.1f MB", "heap meanwhile", float64(h.lowest)/1e6, float64(h.highest)/1e6)
	if h.highest-h.lowest > 8<<20 {
		t.Errorf("the heap grows by %d bytes over %d events", h.highest-h.lowest, n)
	}
}
