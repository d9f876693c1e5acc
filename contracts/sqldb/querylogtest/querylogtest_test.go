package querylogtest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A model is the smallest log that keeps every rule. With the name of a rule in
// breaks, it breaks that rule, in the way that real ones do.
type model struct {
	mu     sync.Mutex
	all    []sqldb.QueryLogEntry
	breaks string
}

func (m *model) LogQuery(ctx context.Context, e sqldb.QueryLogEntry) {
	if m.breaks == "ended" && ctx.Err() != nil {
		return
	}
	if m.breaks != "arguments" {
		e.Args = nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.breaks == "concurrency" && len(m.all) >= 70 { // what a lost update does
		return
	}
	m.all = append(m.all, e)
}

func (m *model) Recent(n int) []sqldb.QueryLogEntry {
	m.mu.Lock()
	defer m.mu.Unlock()
	some := m.all[max(0, len(m.all)-n):]
	if m.breaks == "owner" {
		return some
	}
	some = slices.Clone(some)
	if m.breaks == "recent" {
		slices.Reverse(some)
	}
	return some
}

func (m *model) Slow(bound time.Duration, n int) []sqldb.QueryLogEntry {
	m.mu.Lock()
	defer m.mu.Unlock()
	var some []sqldb.QueryLogEntry
	for _, e := range m.all {
		if e.Took > bound || m.breaks == "slow" && e.Took == bound {
			some = append(some, e)
		}
	}
	slices.SortFunc(some, func(a, b sqldb.QueryLogEntry) int { return int(b.Took - a.Took) })
	return some[:min(n, len(some))]
}

func (m *model) Stats(window time.Duration) sqldb.QueryStats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := sqldb.QueryStats{Since: time.Now().Add(-window)}
	if m.breaks == "no stats" {
		s.Since = time.Time{}
	}
	for _, e := range m.all {
		if m.breaks != "stats" && e.At.Add(e.Took).Before(s.Since) {
			continue
		}
		s.Total++
		s.Took += e.Took
		if e.Err != nil {
			s.Fails++
		}
		if e.Took > time.Second {
			s.Slow++
		}
	}
	return s
}

func TestRun(t *testing.T) { Run(t, func(*testing.T) Log { return &model{} }) }

func TestRulesCatch(t *testing.T) {
	for _, r := range rules {
		if err := r.check(t.Context(), &model{breaks: r.name}); err == nil {
			t.Errorf("%s: a log that breaks it is not caught", r.name)
		}
	}
}
