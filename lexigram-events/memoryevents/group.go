package memoryevents

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A group is the events that one group of consumers shares. The bus's mutex
// guards it.
//
// At most one event of a key is ready, running or parked at a time; its lane
// holds the others. So any free worker may take whatever is ready, and a key
// that fails or is slow occupies nothing that other keys need.
type group struct {
	bus       *Bus
	sub       events.Subscription // with defaults; Lanes is each consumer's own
	consumers []*consumer         // that fetch
	size      int                 // events held, running ones included
	ready     queue
	lanes     map[string]*lane
	parked    parked
	timer     *time.Timer // of the soonest in parked
	idle      int         // workers that wait on work
	waking    bool        // some worker is about to look at what is ready
	work      sync.Cond
	waiters   []*waiter
	gone      bool // a group "" without its consumer
}

func newGroup(b *Bus, s events.Subscription) *group {
	return &group{bus: b, sub: s, lanes: map[string]*lane{}, work: sync.Cond{L: &b.mu}}
}

// push adds it behind the events of its key.
func (g *group) push(it *item) {
	g.size++
	if key := it.ev.Key; key != "" {
		l := g.lanes[key]
		if l != nil {
			it.lane = l
			l.pending.push(it)
			return
		}
		it.lane = &lane{key: key}
		g.lanes[key] = it.lane
	}
	g.ready.push(it)
	g.wake()
}

// wake has a worker look at what is ready, a new one if none is idle and the
// lanes allow one. Whoever looks wakes the next if there is more: waking one
// for each event would cost more than handling it.
func (g *group) wake() {
	if g.waking {
		return
	}
	if g.idle > 0 {
		g.waking = true
		g.work.Signal()
		return
	}
	for _, c := range g.consumers {
		if len(c.workers) < c.lanes {
			g.waking = true
			c.hire()
			return
		}
	}
}

// remove forgets it, which is handled, dead or dropped, and makes the next
// event of its key ready.
func (g *group) remove(it *item) {
	g.size--
	if l := it.lane; l != nil && !g.gone {
		if next := l.pending.pop(); next != nil {
			g.ready.push(next)
			g.wake()
		} else {
			delete(g.lanes, l.key)
		}
	}
	g.bus.freeItem(it)
	g.invite()
	if g.size == 0 {
		g.work.Broadcast() // for workers that drain it
		g.bus.settle()
	}
}

// park has it tried again later.
func (g *group) park(it *item) {
	it.due = time.Now().Add(backoff(g.sub.Retry, it.attempts))
	heap.Push(&g.parked, it)
	if g.parked[0] == it {
		g.schedule()
	}
}

func (g *group) schedule() {
	d := time.Until(g.parked[0].due)
	if g.timer == nil {
		g.timer = time.AfterFunc(d, g.unpark)
		return
	}
	g.timer.Reset(d)
}

// unpark makes ready what is due.
func (g *group) unpark() {
	g.bus.mu.Lock()
	defer g.bus.mu.Unlock()
	now := time.Now()
	for len(g.parked) > 0 && !g.parked[0].due.After(now) {
		g.ready.push(heap.Pop(&g.parked).(*item))
		g.wake()
	}
	if len(g.parked) > 0 {
		g.schedule()
	}
}

// backoff is full jitter: anything up to base, doubled for every failure but the first.
func backoff(r events.Retry, failures int) time.Duration {
	d := r.Cap
	if shift := failures - 1; shift < 40 && r.Base < r.Cap>>shift {
		d = r.Base << shift
	}
	return rand.N(d + 1)
}

// drop ends a group with everything it holds but what runs.
func (g *group) drop() {
	b := g.bus
	g.gone = true
	b.groups = slices.DeleteFunc(b.groups, func(x *group) bool { return x == g })
	clear(b.routes)
	if g.timer != nil {
		g.timer.Stop()
	}
	for it := range g.waiting() {
		g.size--
		if it.ticket != nil {
			it.ticket.resolve(g, it, errStopped)
		}
		b.freeItem(it)
	}
	g.ready, g.parked = queue{}, nil
	clear(g.lanes)
	for len(g.waiters) > 0 {
		g.invite()
	}
}

// waiting yields every item that no handler has. The loop may free them.
func (g *group) waiting() func(yield func(*item) bool) {
	return func(yield func(*item) bool) {
		queues := []queue{g.ready}
		for _, l := range g.lanes {
			queues = append(queues, l.pending)
		}
		for i := range queues {
			for it := queues[i].pop(); it != nil; it = queues[i].pop() {
				if !yield(it) {
					return
				}
			}
		}
		for _, it := range g.parked {
			if !yield(it) {
				return
			}
		}
	}
}
