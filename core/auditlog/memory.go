package auditlog

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

// DefaultMax is how many entries a [Memory] takes whose Max is zero.
const DefaultMax = 100_000

// Memory is an [audit.Store] in the memory of the program, for tests and development.
// When it is full, Append is [audit.ErrFull]: it forgets nothing to make room. The zero
// value is empty and ready to use; it is safe for concurrent use and must not be copied.
type Memory struct {
	// Max is how many entries it takes; 0 means [DefaultMax]. Set it before first use.
	Max int

	mu      sync.RWMutex
	ids     map[string]bool
	entries []audit.Entry // in the order of their positions
}

var (
	_ audit.Counter = (*Memory)(nil)
	_ audit.Expirer = (*Memory)(nil)
)

// Append adds a copy of e; see [audit.Appender].
func (m *Memory) Append(ctx context.Context, e audit.Entry) error {
	if err := audit.CheckEntry(e); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return audit.Err.Wrap(context.Cause(ctx), "auditlog: append %q", e.ID)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids[e.ID] {
		return audit.ErrDuplicate.Wrap(nil, "auditlog: append %q", e.ID)
	}
	if limit := cmp.Or(m.Max, DefaultMax); len(m.entries) >= limit {
		return audit.ErrFull.Wrap(nil, "auditlog: append: %d entries in memory", limit)
	}
	if m.ids == nil {
		m.ids = map[string]bool{}
	}
	m.ids[e.ID] = true
	i, _ := slices.BinarySearchFunc(m.entries, e.Position(), compare)
	m.entries = slices.Insert(m.entries, i, clone(e))
	return nil
}

func compare(e audit.Entry, p audit.Position) int {
	return cmp.Or(e.Time.Compare(p.Time), cmp.Compare(e.ID, p.ID))
}

func clone(e audit.Entry) audit.Entry {
	e.Metadata = maps.Clone(e.Metadata)
	e.Old, e.New = json.RawMessage(bytes.Clone(e.Old)), json.RawMessage(bytes.Clone(e.New))
	e.PayloadHash = bytes.Clone(e.PayloadHash)
	return e
}

// Query yields copies of the entries that q selects; see [audit.Reader]. What is
// appended while the sequence runs may be missing.
func (m *Memory) Query(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		if err := m.begin(ctx, q); err != nil {
			yield(audit.Entry{}, err)
			return
		}
		page := q
		for yielded := 0; q.Limit == 0 || yielded < q.Limit; yielded++ {
			e, ok := m.newest(page)
			if !ok {
				return
			}
			if ctx.Err() != nil {
				yield(audit.Entry{}, audit.Err.Wrap(context.Cause(ctx), "auditlog: query"))
				return
			}
			if !yield(e, nil) {
				return
			}
			page.Before = e.Position()
		}
	}
}

// newest returns the newest entry that q selects: one at a time, so that the body of a
// loop may use the store.
func (m *Memory) newest(q audit.Query) (audit.Entry, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	end := len(m.entries)
	if q.Before != (audit.Position{}) {
		end, _ = slices.BinarySearchFunc(m.entries, q.Before, compare)
	}
	for _, e := range slices.Backward(m.entries[:end]) {
		if q.Matches(e) {
			return clone(e), true
		}
	}
	return audit.Entry{}, false
}

// Count returns how many entries q selects; see [audit.Counter].
func (m *Memory) Count(ctx context.Context, q audit.Query) (int64, error) {
	if err := m.begin(ctx, q); err != nil {
		return 0, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	n := int64(0)
	for _, e := range m.entries {
		if q.Matches(e) {
			n++
		}
	}
	return n, nil
}

// DeleteExpired deletes what has expired; see [audit.Expirer].
func (m *Memory) DeleteExpired(ctx context.Context, now time.Time) (int64, error) {
	if ctx.Err() != nil {
		return 0, audit.Err.Wrap(context.Cause(ctx), "auditlog: delete expired")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := len(m.entries)
	m.entries = slices.DeleteFunc(m.entries, func(e audit.Entry) bool {
		expired := !e.Expires.IsZero() && !e.Expires.After(now)
		if expired {
			delete(m.ids, e.ID)
		}
		return expired
	})
	return int64(before - len(m.entries)), nil
}

func (m *Memory) begin(ctx context.Context, q audit.Query) error {
	if err := audit.CheckQuery(q); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return audit.Err.Wrap(context.Cause(ctx), "auditlog: query")
	}
	return nil
}
