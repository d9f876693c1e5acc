// Package expirymap is a map whose entries end by time, and that finds those
// that have ended without a goroutine and without scanning: they are kept in a heap.
package expirymap

import (
	"container/heap"
	"math"
	"time"
)

// Never is the end of an entry that does not end.
const Never = time.Duration(math.MaxInt64)

// After returns the time ttl after now, or [Never] if there is none. now may be negative, ttl not.
func After(now, ttl time.Duration) time.Duration {
	if end := now + ttl; end >= now {
		return end
	}
	return Never
}

// A Map holds values under keys, each with an end and a weight. Times count from
// an origin of the caller's. The zero value is empty and ready to use; it is not
// safe for concurrent use.
type Map[V any] struct {
	entries map[string]*Entry[V]
	ends    ends[V]
	weight  int64
}

// An Entry is one value of a Map.
type Entry[V any] struct {
	Value  V
	key    string
	end    time.Duration
	weight int64
	at     int // in the heap; -1 if it is in none
}

// End returns when the entry ends, or [Never].
func (e *Entry[V]) End() time.Duration { return e.end }

// Left returns how long the entry lasts after now, or [Never].
func (e *Entry[V]) Left(now time.Duration) time.Duration {
	if e.end == Never {
		return Never
	}
	return e.end - now
}

// Weight returns the entry's.
func (e *Entry[V]) Weight() int64 { return e.weight }

// Live returns the entry under key, unless it has ended at now.
func (m *Map[V]) Live(key string, now time.Duration) (*Entry[V], bool) {
	e, ok := m.entries[key]
	if !ok || e.end <= now {
		return nil, false
	}
	return e, true
}

// Put stores v under key, in place of what was there. The key is kept.
func (m *Map[V]) Put(key string, v V, end time.Duration, weight int64) {
	m.Delete(key)
	if m.entries == nil {
		m.entries = map[string]*Entry[V]{}
	}
	e := &Entry[V]{Value: v, key: key, weight: weight, at: -1}
	m.entries[key] = e
	m.weight += weight
	m.SetEnd(e, end)
}

// SetEnd makes an entry of m end then.
func (m *Map[V]) SetEnd(e *Entry[V], end time.Duration) {
	e.end = end
	switch {
	case e.at >= 0 && end == Never:
		heap.Remove(&m.ends, e.at)
	case e.at >= 0:
		heap.Fix(&m.ends, e.at)
	case end != Never:
		heap.Push(&m.ends, e)
	}
}

// Delete removes what is under key, if there is something.
func (m *Map[V]) Delete(key string) {
	e, ok := m.entries[key]
	if !ok {
		return
	}
	if e.at >= 0 {
		heap.Remove(&m.ends, e.at)
	}
	delete(m.entries, key)
	m.weight -= e.weight
}

// Sweep removes what has ended at now, at most n entries: a writer that sweeps
// two for each that it adds keeps the map free of them.
func (m *Map[V]) Sweep(now time.Duration, n int) {
	for ; n > 0 && len(m.ends) > 0 && m.ends[0].end <= now; n-- {
		m.Delete(m.ends[0].key)
	}
}

// Len returns the number of entries, with those that have ended and were not removed.
func (m *Map[V]) Len() int { return len(m.entries) }

// Weight returns the sum of the weights of what Len counts.
func (m *Map[V]) Weight() int64 { return m.weight }

// ends has the entry that ends first in front.
type ends[V any] []*Entry[V]

func (h ends[V]) Len() int           { return len(h) }
func (h ends[V]) Less(i, j int) bool { return h[i].end < h[j].end }

func (h ends[V]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

func (h *ends[V]) Push(x any) {
	e := x.(*Entry[V])
	e.at = len(*h)
	*h = append(*h, e)
}

func (h *ends[V]) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	e.at = -1
	return e
}
