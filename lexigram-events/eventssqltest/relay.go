package eventssqltest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
)

// orderly fails, per key, when events are sent out of order, twice after
// success, or two at a time.
type orderly struct {
	t    *testing.T
	mu   sync.Mutex
	busy map[string]bool
	last map[string]int // number of the last event that was taken
	n    int            // taken
	fail func(key string, i, attempt int) bool
	seen map[string]int // attempts by ID
}

func newOrderly(t *testing.T, fail func(key string, i, attempt int) bool) *orderly {
	return &orderly{t: t, busy: map[string]bool{}, last: map[string]int{}, seen: map[string]int{}, fail: fail}
}

func (o *orderly) reply(_ context.Context, ev events.Event) error {
	var i int
	if _, err := fmt.Sscanf(ev.ID, ev.Key+"-%d", &i); err != nil {
		o.t.Errorf("ID %q: %v", ev.ID, err)
	}
	o.mu.Lock()
	if o.busy[ev.Key] {
		o.t.Errorf("%s is sent while another event of its key is", ev.ID)
	}
	o.busy[ev.Key] = true
	o.seen[ev.ID]++
	attempt := o.seen[ev.ID]
	o.mu.Unlock()
	runtime.Gosched() // lets another worker in that should not come
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy[ev.Key] = false
	if o.fail != nil && o.fail(ev.Key, i, attempt) {
		return errors.New("not now")
	}
	if want := o.last[ev.Key] + 1; i != want {
		o.t.Errorf("got %s, want number %d of its key", ev.ID, want)
	}
	o.last[ev.Key] = i
	o.n++
	return nil
}

func (o *orderly) taken() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.n
}

// numbered publishes n events for each key, from 1, one call each.
func (b *bench) numbered(t *testing.T, keys, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		for k := range keys {
			key := fmt.Sprintf("k%d", k)
			b.publish(t, event(fmt.Sprintf("%s-%d", key, i), key))
		}
	}
}

func order(t *testing.T, b *bench) {
	o := newOrderly(t, func(_ string, i, attempt int) bool { return i%5 == 0 && attempt < 3 })
	b.relay(t, newSink(o.reply), outbox.RelayOptions{Batch: 16, RetryBase: time.Microsecond, RetryCap: time.Microsecond, Wake: b.box.Committed()})
	b.numbered(t, 4, 25)
	until(t, "all are sent", func() bool { b.clock.Advance(time.Millisecond); return o.taken() == 100 })
	until(t, "all are marked", func() bool { return b.count(t, "status = 1") == 100 })
}

func holdsBack(t *testing.T, b *bench) {
	var mu sync.Mutex
	failing := true
	s := newSink(func(_ context.Context, ev events.Event) error {
		mu.Lock()
		defer mu.Unlock()
		if ev.ID == "a1" && failing {
			return errors.New("not now")
		}
		return nil
	})
	b.publish(t, event("a1", "a"), event("a2", "a"))
	b.relay(t, s, outbox.RelayOptions{RetryBase: time.Hour, RetryCap: time.Hour})
	s.wants(t, "a1")
	until(t, "the failure is recorded", func() bool { return b.count(t, "attempts = 1 AND owner = ''") == 1 })
	b.publish(t, event("a3", "a"), event("b1", "b"), event("c1", ""))
	for range 2 {
		if ev := s.next(t); ev.Key == "a" {
			t.Fatalf("%s was sent while a1 waits for another attempt", ev.ID)
		}
	}
	until(t, "the others are marked", func() bool { return b.count(t, "status = 1") == 2 }) // or the step of the clock ends their leases
	mu.Lock()
	failing = false
	mu.Unlock()
	b.clock.Advance(2 * time.Hour)
	s.wants(t, "a1", "a2", "a3")
}

// clockSteps: a clock that goes back, and forwards by less than a lease, costs
// no event and no order, and sends none twice.
func clockSteps(t *testing.T, b *bench) {
	o := newOrderly(t, nil)
	b.relay(t, newSink(o.reply), outbox.RelayOptions{Batch: 4, Lease: time.Hour, Wake: b.box.Committed()})
	for i := 1; i <= 30; i++ {
		b.publish(t, event(fmt.Sprintf("k0-%d", i), "k0"), event(fmt.Sprintf("k1-%d", i), "k1"))
		b.clock.Step([]time.Duration{-time.Hour, 30 * time.Minute, -24 * time.Hour}[i%3])
	}
	until(t, "all are marked", func() bool { return b.count(t, "status = 1") == 60 })
	for id, n := range o.seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

func twoRelays(t *testing.T, b *bench) {
	o := newOrderly(t, nil)
	s := newSink(o.reply)
	for range 2 {
		b.relay(t, s, outbox.RelayOptions{Batch: 8, Parallel: 4})
	}
	b.numbered(t, 6, 40)
	until(t, "all are marked", func() bool { return b.count(t, "status = 1") == 240 })
	for id, n := range o.seen {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

// claimedBy starts a relay that claims the events and hangs, as one does that
// was killed between claiming and marking. It has room for no more.
func (b *bench) claimedBy(t *testing.T, lease time.Duration, n int) (s *sink, release func()) {
	t.Helper()
	reply, release := blocking()
	s = newSink(reply)
	b.relay(t, s, outbox.RelayOptions{Lease: lease, Batch: n})
	until(t, "claimed", func() bool { return b.count(t, "status = 0 AND owner <> ''") == n })
	return s, release
}

func crash(t *testing.T, b *bench) {
	b.publish(t, event("a1", "a"), event("a2", "a"), event("b1", "b"))
	b.claimedBy(t, time.Hour, 3)
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{})
	b.publish(t, event("a3", "a"), event("c1", "c"))
	s.wants(t, "c1") // and so the relay has looked
	b.clock.Advance(59 * time.Minute)
	b.publish(t, event("c2", "c"))
	s.wants(t, "c2")
	s.silent(t)
	b.clock.Advance(2 * time.Minute)
	var as []string
	for range 4 {
		if ev := s.next(t); ev.Key == "a" {
			as = append(as, ev.ID)
		}
	}
	if fmt.Sprint(as) != "[a1 a2 a3]" {
		t.Errorf("got %v of key a", as)
	}
	until(t, "all are marked", func() bool { return b.count(t, "status = 1") == 6 })
}

func lostLease(t *testing.T, b *bench) {
	b.publish(t, event("a1", "a"))
	_, release := b.claimedBy(t, time.Hour, 1)
	b.clock.Advance(2 * time.Hour)
	reply, done := blocking()
	s := newSink(reply)
	b.relay(t, s, outbox.RelayOptions{Lease: 10 * time.Hour, Batch: 1}) // b1 is for the first
	s.wants(t, "a1")
	owner := func() string {
		return b.text(t, "SELECT owner FROM lexigram_outbox WHERE id = 'a1'")
	}
	second := owner()
	release() // the first relay believes that it has sent a1
	b.publish(t, event("b1", "b"))
	until(t, "the first relay has marked b1, after a1", func() bool { return b.count(t, "id = 'b1' AND status = 1") == 1 })
	if got := owner(); got != second || b.count(t, "id = 'a1' AND status = 0") != 1 {
		t.Errorf("the claim of the second relay was touched: owner %q, want %q", got, second)
	}
	done()
	until(t, "all are marked", func() bool { return b.count(t, "status = 1") == 2 })
}

func heartbeat(t *testing.T, b *bench) {
	b.publish(t, event("a1", "a"))
	_, release := b.claimedBy(t, 600*time.Millisecond, 1)
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{})
	for range 4 { // together longer than the lease
		before := b.hold(t, "a1")
		b.clock.Advance(400 * time.Millisecond)
		until(t, "the lease is extended", func() bool { return b.hold(t, "a1") > before })
	}
	b.publish(t, event("b1", "b"))
	release()
	until(t, "all are marked", func() bool { return b.count(t, "status = 1") == 2 })
	select {
	case ev := <-s.got:
		if ev.ID == "a1" {
			t.Error("a1 was sent again although its relay lives")
		}
	default:
	}
}

func reclaim(t *testing.T, b *bench) {
	b.publish(t, event("a1", "a"), event("a2", "a"))
	b.claimedBy(t, time.Hour, 2)
	s := newSink(nil)
	b.relay(t, s, outbox.RelayOptions{ReclaimOnStart: true})
	s.wants(t, "a1", "a2")
}
