package memoryevents

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/subscription"
)

// maxRoutes bounds the remembered routes: types of events come from outside.
const maxRoutes = 1024

var errUnhandled = events.Err.Sub("LEX_ERR_EVT_039", errs.Unavailable, "events: they end with the bus")

// A Bus carries events inside one process. It is safe for concurrent use; make
// one with [New]. It starts no goroutine before the first event and at most
// Lanes for each consumer.
//
// A handler may publish. If it publishes into its own full group it waits for
// room that only other handlers can make, until its timeout.
type Bus struct {
	opts  Options
	start time.Time

	closing chan struct{} // closed when Close begins

	// mu guards everything below, and the groups, consumers, items and
	// tickets. One mutex, held for a few hundred nanoseconds, lets an event be
	// taken by all groups or by none.
	mu     sync.Mutex
	closed bool     // Close began
	groups []*group // in the order they came
	routes map[string][]*group
	seen   *seen
	kept   []events.Event // a ring once it is full
	oldest int            // in kept
	dead   []DeadLetter   // oldest first
	deadID uint64
	live   map[*consumer]struct{} // until their last handler has returned
	free   *item
	nfree  int
}

var (
	_ events.Publisher  = (*Bus)(nil)
	_ events.Subscriber = (*Bus)(nil)
	_ events.Deliverer  = (*Bus)(nil)
	_ health.Checker    = (*Bus)(nil)
)

// New returns a bus. Close it when nobody publishes any more.
func New(opts Options) *Bus {
	opts = opts.withDefaults()
	return &Bus{
		opts:    opts,
		start:   time.Now(),
		closing: make(chan struct{}),
		routes:  map[string][]*group{},
		live:    map[*consumer]struct{}{},
		seen:    newSeen(opts.DedupWindow, opts.DedupLimit),
	}
}

// Close refuses new events and subscriptions with [events.ErrClosed], handles
// what was taken, further attempts included, and ends every subscription; its
// Consumer.Err is then ErrClosed. While it drains, handlers may still publish.
// At the end of ctx it stops the handlers and drops the rest: the error says
// how many events those were and wraps the cause. It does not wait for
// handlers that ignore their context. Close is idempotent.
func (b *Bus) Close(ctx context.Context) error {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.closing)
	}
	b.mu.Unlock()
	for {
		c := b.running()
		if c == nil {
			return b.leftover(nil)
		}
		select {
		case <-c.closed:
		case <-ctx.Done():
			return b.leftover(context.Cause(ctx))
		}
	}
}

// running returns a consumer whose last handler has not returned; nil if none.
func (b *Bus) running() *consumer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	for c := range b.live {
		return c
	}
	return nil
}

// settle ends the consumers of a closing bus once no group that has one holds
// an event: until then a handler of one group may publish to another.
func (b *Bus) settle() {
	if !b.closed {
		return
	}
	for c := range b.live {
		if c.group.size > 0 && !c.stopped {
			return
		}
	}
	b.stopAll()
}

func (b *Bus) stopAll() {
	for _, c := range slices.Collect(maps.Keys(b.live)) {
		c.stop(events.ErrClosed)
	}
}

// leftover drops what is left, and says so.
func (b *Bus) leftover(cause error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for c := range b.live {
		if !slices.Contains(b.groups, c.group) {
			n += c.group.size // it drains, or its last handler runs
		}
	}
	for _, g := range b.groups {
		n += g.size
	}
	b.stopAll()
	for _, g := range slices.Clone(b.groups) {
		g.drop()
	}
	if n == 0 && cause == nil {
		return nil
	}
	return errUnhandled.Wrap(cause, "memoryevents: close: %d events were not handled", n)
}

// CheckHealth is Unhealthy once Close began, Degraded while dead letters are
// kept or a group is full, and Healthy otherwise.
func (b *Bus) CheckHealth(context.Context) health.Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return health.Result{Status: health.Unhealthy, Message: "closed"}
	}
	res := health.Result{Status: health.Healthy}
	var problems []error
	for _, g := range b.groups {
		if g.size >= b.opts.Buffer {
			problems = append(problems, fmt.Errorf("group %q is full with %d events", g.sub.Group, g.size))
		}
	}
	if n := len(b.dead); n > 0 {
		problems = append(problems, fmt.Errorf("%d dead letters", n))
	}
	if err := errors.Join(problems...); err != nil {
		res.Status, res.Message = health.Degraded, problems[0].Error()
		if len(problems) > 1 {
			res.Message = fmt.Sprintf("%s, and %d more", res.Message, len(problems)-1)
		}
	}
	return res
}

// route returns the groups that want events of typ.
func (b *Bus) route(typ string) []*group {
	gs, ok := b.routes[typ]
	if ok {
		return gs
	}
	for _, g := range b.groups {
		if subscription.Wants(&g.sub, typ) {
			gs = append(gs, g)
		}
	}
	if len(b.routes) >= maxRoutes {
		clear(b.routes)
	}
	b.routes[typ] = gs
	return gs
}

// keep remembers ev for groups that begin with the oldest.
func (b *Bus) keep(ev *events.Event) {
	switch {
	case b.opts.Keep == 0:
	case len(b.kept) < b.opts.Keep:
		b.kept = append(b.kept, *ev)
	default:
		b.kept[b.oldest] = *ev
		b.oldest = (b.oldest + 1) % len(b.kept)
	}
}

func (b *Bus) newItem(ev *events.Event) *item {
	it := b.free
	if it == nil {
		return &item{ev: *ev}
	}
	b.free, b.nfree = it.next, b.nfree-1
	it.next, it.ev = nil, *ev
	return it
}

func (b *Bus) freeItem(it *item) {
	*it = item{}
	if b.nfree < b.opts.Buffer {
		it.next = b.free
		b.free, b.nfree = it, b.nfree+1
	}
}

// now is the time since the bus was made. It costs half of time.Now.
func (b *Bus) now() time.Duration { return time.Since(b.start) }

// isWithin reports whether ctx is that of a handler of this bus.
func (b *Bus) isWithin(ctx context.Context) bool { return ctx.Value(within{b}) != nil }

func closedErr(op string, ev *events.Event) error {
	return events.ErrClosed.Wrap(nil, "memoryevents: %s %q", op, ev.ID)
}
