package natsevents

import (
	"container/heap"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A group is what the consumers of one group in this process share.
//
// At most one event of a key is ready, running or parked at a time; its lane
// holds the others. So any free worker may take whatever is ready, and a key
// that fails or is slow occupies nothing that other keys need.
type group struct {
	bus   *Bus
	sub   events.Subscription // with defaults; Lanes is each consumer's own
	token string              // of its name
	id    string              // of this process in a named group
	exact bool                // the server's filters match only what sub.Types does

	ctx    context.Context // of what runs in the background; its end stops fetching
	cancel context.CancelFunc
	single *fetcher      // of group ""
	over   chan struct{} // closed when the last handler has returned and everything is given back

	mu        sync.Mutex
	all       []*consumer // whose last handler has not returned
	consumers []*consumer // that take more
	held      int         // items, running ones included
	ready     queue
	lanes     map[string]*lane
	parked    parked
	timer     *time.Timer // of the soonest in parked
	idle      int         // workers that wait on work
	waking    bool        // some worker is about to look at what is ready
	work      sync.Cond
	gone      bool // nobody takes more
	fetched   bool // and everything is given back
	closeLast []chan struct{}

	items sync.Pool // of *item that are in no queue
}

func (g *group) newItem() *item {
	if it, ok := g.items.Get().(*item); ok {
		return it
	}
	return new(item)
}

// newGroup declares a group on the server.
func newGroup(ctx context.Context, b *Bus, s events.Subscription) (*group, error) {
	g := &group{bus: b, sub: s, token: token(s.Group), lanes: map[string]*lane{}, over: make(chan struct{})}
	g.work.L = &g.mu
	if err := g.declare(ctx); err != nil {
		return nil, err
	}
	g.ctx, g.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return g, nil
}

// start begins fetching.
func (g *group) start() {
	go func() {
		if g.single != nil {
			g.single.run(g.ctx)
		} else {
			newCoordinator(g).run(g.ctx)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.fetched = true
		g.settleEnd()
	}()
}

// add has a consumer take part; nil if the group takes no more.
func (g *group) add(ctx context.Context, h events.Handler, lanes int) events.Consumer {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return nil
	}
	values := context.WithValue(context.WithoutCancel(ctx), within{}, g.bus)
	c := &consumer{group: g, handler: h, lanes: lanes, values: values, closed: make(chan struct{})}
	g.consumers = append(g.consumers, c)
	g.all = append(g.all, c)
	for it, n := g.ready.head, 0; it != nil && n < lanes; it, n = it.next, n+1 {
		g.wake()
	}
	return c
}

// forsake undoes newGroup.
func (g *group) forsake(ctx context.Context) {
	g.cancel()
	if g.single != nil {
		g.single.delete(ctx)
	} else {
		newCoordinator(g).leave(context.WithoutCancel(ctx))
	}
}

// takes reports whether a consumer could be added.
func (g *group) takes() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.gone
}

// close drains the consumers, or stops them.
func (g *group) close(now bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range slices.Clone(g.all) {
		if now {
			c.stop(events.ErrClosed)
		} else {
			c.drain(events.ErrClosed)
		}
	}
}

// release counts c no more among those that take more. The last one ends the
// fetching.
func (g *group) release(c *consumer) {
	if i := slices.Index(g.consumers, c); i >= 0 {
		g.consumers = slices.Delete(g.consumers, i, i+1)
	}
	if len(g.consumers) > 0 {
		return
	}
	if !g.gone {
		g.gone = true
		g.cancel()
	}
	if g.single != nil && c.stopped {
		g.single.giveBack()
	}
}

// settleEnd ends the group when nothing is left of it.
func (g *group) settleEnd() {
	if !g.fetched || !g.gone || len(g.all) > 0 {
		return
	}
	if g.timer != nil {
		g.timer.Stop()
	}
	for _, ch := range g.closeLast {
		close(ch)
	}
	g.closeLast = nil
	select {
	case <-g.over:
		return
	default:
		close(g.over)
	}
	go g.bus.forgetGroup(g) // which takes the bus's mutex before ours
}

func (b *Bus) forgetGroup(g *group) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.live, g)
	if b.groups[g.sub.Group] == g {
		delete(b.groups, g.sub.Group)
	}
}

func (g *group) wants(typ string) bool {
	for _, p := range g.sub.Types {
		if events.Match(p, typ) {
			return true
		}
	}
	return false
}

// push adds it behind the events of its key.
func (g *group) push(it *item) {
	if key := it.ev.Key; key != "" && it.bad == nil {
		if l := g.lanes[key]; l != nil {
			it.lane = l
			l.pending.insert(it)
			return
		}
		it.lane = &lane{key: key, head: it}
		g.lanes[key] = it.lane
	}
	g.ready.push(it)
	g.wake()
}

// wake has a worker look at what is ready, a new one if none is idle and the
// lanes allow one. Whoever looks wakes the next if there is more.
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
	for _, c := range g.all { // group "" drains
		if c.draining && !c.stopped && g.sub.Group == "" && len(c.workers) < c.lanes {
			g.waking = true
			c.hire()
			return
		}
	}
}

// remove forgets it, which is handled, dead or given back, and makes the next
// event of its key ready.
func (g *group) remove(it *item) {
	l := it.lane
	it.from.drop(it)
	*it = item{}
	g.items.Put(it)
	if l != nil {
		if next := l.pending.pop(); next != nil {
			l.head = next
			g.ready.push(next)
			g.wake()
		} else {
			delete(g.lanes, l.key)
		}
	}
	if g.held == 0 {
		g.work.Broadcast() // for workers that drain it
		for _, c := range slices.Clone(g.all) {
			c.rest()
		}
	}
}

// park has it tried again later.
func (g *group) park(it *item) {
	it.due = time.Now().Add(backoff(g.sub.Retry, max(it.attempts, 1)))
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
	g.mu.Lock()
	defer g.mu.Unlock()
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
