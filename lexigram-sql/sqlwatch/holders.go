package sqlwatch

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A holder is what has a connection, or waits for one.
type holder struct {
	what  string
	since time.Time
	pcs   [depth]uintptr
	n     int
	timer *time.Timer
	has   bool // it has one for sure
}

// site returns who that is: the innermost frame that is not of the data layer.
func (h *holder) site() string {
	for _, pc := range h.pcs[:h.n] {
		if !inside(frame(pc).Function) {
			return Site(pc)
		}
	}
	return "unknown"
}

// A teller is as much of a [sqldb.Pool] as is asked.
type teller interface{ PoolStats() sqldb.PoolStats }

// holders are those of one database.
type holders struct {
	pool   teller // nil if the database does not say
	wait   time.Duration
	report *slog.Logger

	mu   sync.Mutex
	all  map[*holder]struct{}
	last time.Time // of the last report
}

func newHolders(db sqldb.DB, o Options) *holders {
	pool, _ := db.(teller)
	return &holders{pool: pool, wait: o.Wait, report: o.Report, all: map[*holder]struct{}{}}
}

// begin records what is about to take a connection.
func (s *holders) begin(ctx context.Context, what string) *holder {
	h := &holder{what: what, since: time.Now()}
	h.n = runtime.Callers(3, h.pcs[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[h] = struct{}{}
	h.timer = time.AfterFunc(s.wait, func() { s.late(ctx, h) })
	return h
}

// got records that it has it.
func (s *holders) got(h *holder, what string) {
	h.timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	h.has, h.what = true, what
}

func (s *holders) end(h *holder) {
	h.timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, h)
}

// late reports the holders if h, which began a Wait ago, waits for a connection.
func (s *holders) late(ctx context.Context, h *holder) {
	var stats sqldb.PoolStats
	if s.pool != nil {
		stats = s.pool.PoolStats()
	}
	what, others := s.blame(h, stats)
	if what == "" {
		return
	}
	lines := make([]string, len(others))
	for i, o := range others {
		lines[i] = fmt.Sprintf("%s since %v by %s", o.what, time.Since(o.since).Round(time.Millisecond), o.site())
	}
	s.report.WarnContext(context.WithoutCancel(ctx), "sql: waiting for a connection",
		slog.Duration("waits", time.Since(h.since)), slog.String("what", what), slog.String("who", h.site()),
		slog.Int("in_use", stats.InUse), slog.Int("max", stats.Max), slog.Any("holders", lines))
}

// blame returns what h is, or "" if there is nothing to report, and the others:
// those that have a connection for sure first, then the oldest first. Whether a
// statement that has not returned runs or waits is not known: some of them wait
// if every connection is in use and there are more of them than connections.
func (s *holders) blame(h *holder, stats sqldb.PoolStats) (what string, others []holder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, waits := s.all[h]; !waits || h.has {
		return "", nil
	}
	if h.what == "statement" && (stats.Max == 0 || stats.InUse < stats.Max || len(s.all) <= stats.InUse) {
		return "", nil
	}
	now := time.Now()
	if !s.last.IsZero() && now.Sub(s.last) < s.wait {
		return "", nil
	}
	s.last = now
	for o := range s.all {
		if o != h {
			others = append(others, *o)
		}
	}
	slices.SortFunc(others, func(a, b holder) int {
		if a.has != b.has {
			if a.has {
				return -1
			}
			return 1
		}
		return a.since.Compare(b.since)
	})
	return h.what, others
}
