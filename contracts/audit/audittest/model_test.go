package audittest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A model is the smallest store that keeps every rule. With the name of a rule in
// breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu      sync.Mutex
	entries []audit.Entry
	breaks  string
}

var (
	_ audit.Counter = (*model)(nil)
	_ audit.Expirer = (*model)(nil)
)

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) Append(ctx context.Context, e audit.Entry) error {
	if err := audit.CheckEntry(e); err != nil && !m.is("invalid entries") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.entries {
		if m.entries[i].ID == e.ID {
			if m.is("duplicate") {
				m.entries[i] = e
				return nil
			}
			return audit.ErrDuplicate
		}
	}
	switch {
	case m.is("every field") && e.Old != nil:
		var v map[string]any
		if err := json.Unmarshal(e.Old, &v); err != nil {
			return err
		}
		e.Old, _ = json.Marshal(v) // and the digits are gone
	case m.is("concurrent use") && strings.HasSuffix(e.ID, "-7"):
		return nil // a write that was lost
	}
	if !m.is("copies in") {
		e = clone(e)
	}
	m.entries = append(m.entries, e)
	return nil
}

func clone(e audit.Entry) audit.Entry {
	e.Metadata = maps.Clone(e.Metadata)
	e.Old, e.New, e.PayloadHash = slices.Clone(e.Old), slices.Clone(e.New), bytes.Clone(e.PayloadHash)
	return e
}

func (m *model) selects(q audit.Query, e audit.Entry) bool {
	switch {
	case m.is("conditions"): // which a database compares as patterns
		return strings.HasPrefix(e.Actor, q.Actor) && q.Matches(e) || q.Actor == "user" && strings.HasPrefix(e.Actor, "user")
	case m.is("since and until") && e.Time.Equal(q.Until):
		return false
	}
	return q.Matches(e)
}

func (m *model) Query(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		if err := audit.CheckQuery(q); err != nil && !m.is("invalid queries") {
			yield(audit.Entry{}, err)
			return
		}
		if ctx.Err() != nil {
			yield(audit.Entry{}, context.Cause(ctx))
			return
		}
		if m.is("the body of the loop") {
			defer func() { q.Until = time.Time{} }() // the next round has another query
		}
		for _, e := range m.selected(q) {
			if !m.is("copies out") {
				e = clone(e)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (m *model) selected(q audit.Query) []audit.Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []audit.Entry
	for _, e := range m.entries {
		if m.selects(q, e) {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b audit.Entry) int {
		if m.is("order") {
			return b.Time.Compare(a.Time)
		}
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(b.ID, a.ID))
	})
	if q.Limit > 0 && len(all) > q.Limit && !m.is("pages") {
		all = all[:q.Limit]
	}
	return all
}

func (m *model) Count(ctx context.Context, q audit.Query) (int64, error) {
	if err := audit.CheckQuery(q); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	if !m.is("count") {
		q.Limit = 0
	}
	return int64(len(m.selected(q))), nil
}

func (m *model) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.entries)
	m.entries = slices.DeleteFunc(m.entries, func(e audit.Entry) bool {
		return (!e.Expires.IsZero() || m.is("delete expired")) && !e.Expires.After(now)
	})
	return int64(before - len(m.entries)), nil
}

// bare is a store without the optional abilities.
type bare struct{ audit.Store }

func TestStoreGood(t *testing.T) { RunStore(t, func(*testing.T) audit.Store { return &model{} }) }
func TestStoreBare(t *testing.T) { RunStore(t, func(*testing.T) audit.Store { return bare{&model{}} }) }

func TestStoreBroken(t *testing.T) {
	broken(t, storeRules(), func(breaks string) audit.Store { return &model{breaks: breaks} })
}

// broken runs each rule on the subject that breaks just it. A rule without one
// meets a subject that breaks nothing, and fails here.
func broken[T any](t *testing.T, rules []rule[T], open func(breaks string) T) {
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		if err := r.check(t.Context(), open("")); err != nil {
			t.Errorf("rule %q: the one that keeps it failed: %v", r.name, err)
		}
		err := r.check(t.Context(), open(r.name))
		if err == nil || r.optional && errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("rule %q: the one that breaks it passed: %v", r.name, err)
		}
		t.Logf("%s: %.200v", r.name, err)
	}
}

// A scribe is the smallest logger that keeps every rule, or breaks one.
type scribe struct {
	store  *model
	mu     sync.Mutex
	n      int
	breaks string
}

func newScribe(breaks string) Recorder {
	s := &scribe{store: &model{}, breaks: breaks}
	return Recorder{s, s.store}
}

func (s *scribe) Log(ctx context.Context, e audit.Entry) {
	s.mu.Lock()
	s.n++
	n := s.n
	s.mu.Unlock()
	if s.breaks == "concurrent use" && n%7 == 0 {
		return
	}
	e.ID = cmp.Or(e.ID, fmt.Sprint("n", n))
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	if s.breaks != "what it is given" {
		e.Time = e.Time.UTC().Truncate(time.Microsecond)
	}
	e.Outcome, e.Severity = cmp.Or(e.Outcome, audit.Success), cmp.Or(e.Severity, audit.Medium)
	if tenant, err := tenancy.From(ctx); err == nil && s.breaks != "defaults" {
		e.Tenant = cmp.Or(e.Tenant, tenant)
	}
	if s.breaks != "a context that has ended" {
		ctx = context.WithoutCancel(ctx)
	}
	if err := s.store.Append(ctx, e); err != nil && s.breaks == "an entry that cannot be kept" {
		panic(err)
	}
}

func TestLoggerGood(t *testing.T) { RunLogger(t, func(*testing.T) Recorder { return newScribe("") }) }

func TestLoggerBroken(t *testing.T) { broken(t, loggerRules, newScribe) }
