package memoryevents

import (
	"context"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A waiter is a publisher that waits for room in a group.
type waiter struct {
	room chan struct{} // holds one value when there may be room
	old  bool          // has waited before, so it goes to the front
}

// enlist puts w, or a new waiter if it is nil, among those that wait for g.
func (g *group) enlist(w *waiter) *waiter {
	if w == nil {
		w = &waiter{room: make(chan struct{}, 1)}
	}
	if w.old {
		g.waiters = slices.Insert(g.waiters, 0, w)
	} else {
		g.waiters = append(g.waiters, w)
	}
	w.old = true
	return w
}

// dismiss takes w from the list if it is still there, and its invitation back.
func (g *group) dismiss(w *waiter) {
	if i := slices.Index(g.waiters, w); i >= 0 {
		g.waiters = slices.Delete(g.waiters, i, i+1)
	}
	select {
	case <-w.room:
	default:
	}
}

// invite wakes the first waiter if g has room.
func (g *group) invite() {
	if len(g.waiters) == 0 || g.size >= g.bus.opts.Buffer && !g.gone {
		return
	}
	w := g.waiters[0]
	g.waiters = slices.Delete(g.waiters, 0, 1)
	w.room <- struct{}{}
}

// wait blocks until there may be room, the bus closes, or ctx ends.
func (w *waiter) wait(ctx context.Context, closing <-chan struct{}) error {
	select {
	case <-w.room:
		return nil
	case <-closing:
		return events.ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
