package resilient

import "time"

// A tally counts calls.
type tally struct{ calls, failed, slow int }

func (t *tally) add(o outcome, by int) {
	t.calls += by
	if o&failure != 0 {
		t.failed += by
	}
	if o&slow != 0 {
		t.slow += by
	}
}

// A window is the calls that the rates of a breaker look back on. It is either
// the last so many calls, or those of the last so many buckets of time.
type window struct {
	sum tally

	last []outcome // a ring of the last calls; nil with buckets
	next int

	buckets [buckets]tally
	width   time.Duration // of a bucket
	current int64         // the number of the latest bucket since the clock began
}

const buckets = 10

// newWindow returns an empty window of so many calls, or of span if calls is 0.
func newWindow(calls int, span time.Duration) window {
	if calls > 0 {
		return window{last: make([]outcome, 0, calls)}
	}
	return window{width: span / buckets}
}

// add records a call that ended now, and forgets those that have left the window.
func (w *window) add(o outcome, now time.Duration) {
	switch {
	case w.width > 0:
		w.advance(int64(now / w.width))
		w.buckets[w.current%buckets].add(o, 1)
	case len(w.last) < cap(w.last):
		w.last = append(w.last, o)
	default:
		w.sum.add(w.last[w.next], -1)
		w.last[w.next] = o
		w.next = (w.next + 1) % len(w.last)
	}
	w.sum.add(o, 1)
}

// advance empties the buckets between the latest one and number.
func (w *window) advance(number int64) {
	for range min(number-w.current, buckets) {
		w.current++
		old := &w.buckets[w.current%buckets]
		w.sum.calls -= old.calls
		w.sum.failed -= old.failed
		w.sum.slow -= old.slow
		*old = tally{}
	}
	w.current = max(w.current, number)
}

// clear forgets all calls.
func (w *window) clear() {
	w.sum, w.buckets, w.last, w.next = tally{}, [buckets]tally{}, w.last[:0], 0
}
