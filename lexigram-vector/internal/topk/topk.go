// Package topk keeps the best of many candidates without sorting them all.
package topk

import "slices"

// A Heap keeps the best limit of the values it is offered; the worst that it
// keeps is at its root. It is not safe for concurrent use.
type Heap[T any] struct {
	limit   int
	compare func(a, b T) int // negative if a is better
	items   []T
}

// New returns an empty heap that keeps limit values. It allocates room for
// expect of them; compare is negative if a is better than b.
func New[T any](limit, expect int, compare func(a, b T) int) *Heap[T] {
	return &Heap[T]{limit: limit, compare: compare, items: make([]T, 0, min(limit, expect))}
}

// Worst returns the worst value that is kept, and whether the heap is full, so
// that only a better one would enter.
func (h *Heap[T]) Worst() (worst T, full bool) {
	if len(h.items) == 0 || len(h.items) < h.limit {
		return worst, false
	}
	return h.items[0], true
}

// Offer keeps v if it is among the best so far.
func (h *Heap[T]) Offer(v T) {
	switch {
	case len(h.items) < h.limit:
		h.items = append(h.items, v)
		h.up(len(h.items) - 1)
	case h.limit > 0 && h.compare(v, h.items[0]) < 0:
		h.items[0] = v
		h.down(0)
	}
}

// Items returns the values that are kept, in no order. The heap owns them.
func (h *Heap[T]) Items() []T { return h.items }

// Sorted returns the values that are kept, best first. The heap is of no use afterwards.
func (h *Heap[T]) Sorted() []T {
	slices.SortFunc(h.items, h.compare)
	return h.items
}

func (h *Heap[T]) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if h.compare(h.items[i], h.items[parent]) <= 0 {
			return
		}
		h.items[i], h.items[parent] = h.items[parent], h.items[i]
		i = parent
	}
}

func (h *Heap[T]) down(i int) {
	for {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h.items); child++ {
			if h.compare(h.items[child], h.items[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		h.items[i], h.items[worst] = h.items[worst], h.items[i]
		i = worst
	}
}
