package loading

import (
	"context"
	"errors"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

const (
	keyStripes = 64
	tagStripes = 1024
)

// A local is the first level: decoded values in this process. A nil one holds nothing.
//
// A value is put there only if nothing was reported about its key since before
// it was read from the store: the report of a change and the value from before
// it travel apart, and the report may come first.
type local[T any] struct {
	values cache.Local
	ttl    atomic.Int64 // longest, in ns; 0 is that of the entry: the store reports changes
	begun  time.Time
	seed   maphash.Seed

	// watch counts beginnings and ends of sight. While it is even nothing is put
	// or found; a value belongs to the count it was put at.
	watch atomic.Uint64
	keys  [keyStripes]stripe
	// tagged counts reports about tags, all of them; tags those of each stripe.
	tagged atomic.Uint64
	tags   [tagStripes]atomic.Uint64
}

// A stripe counts reports about its keys. The lock makes counting and dropping,
// and comparing and putting, one step each.
type stripe struct {
	mu      sync.Mutex
	reports uint64
	_       [48]byte // a cache line for each
}

// A held is a value in the first level. To use one reads no clock, which would
// cost as much as the rest: cache.Local ends it, at the latest when it gets so
// old that a use may have to refresh it. Then it is put again, as one that ages.
type held[T any] struct {
	value T
	err   error // of a remembered absence
	watch uint64
	ages  bool // a use may have to refresh it
	head  header
	tags  []tagMark
	next  atomic.Int64 // of one that ages: when the next refresh may be tried, since local.begun
}

// A tagMark is what a tag's stripe counted when the value was put.
type tagMark struct {
	stripe  uint16
	reports uint64
}

// A ticket is what was known before a value was read.
type ticket struct{ watch, key, tagged uint64 }

func newLocal[T any](values cache.Local, ttl time.Duration, watched bool) *local[T] {
	if values == nil {
		return nil
	}
	l := &local[T]{values: values, begun: time.Now(), seed: maphash.MakeSeed()}
	// Values of an earlier cache in the same Local belong to no count of this one.
	l.watch.Store(rand.Uint64() &^ (1<<63 | 1))
	if !watched {
		l.unwatched(ttl)
	}
	return l
}

// get returns the value under key, if it may be used.
func (l *local[T]) get(tenant tenancy.ID, key string) *held[T] {
	v, ok := l.values.Get(string(tenant), key)
	if !ok {
		return nil
	}
	h, ok := v.(*held[T])
	if !ok || h.watch != l.watch.Load() {
		return nil
	}
	for _, m := range h.tags {
		if l.tags[m.stripe].Load() != m.reports {
			return nil
		}
	}
	return h
}

func (l *local[T]) keyStripe(tenant tenancy.ID, key string) *stripe {
	return &l.keys[(maphash.String(l.seed, key)^maphash.String(l.seed, string(tenant)))%keyStripes]
}

func (l *local[T]) tagStripe(tenant tenancy.ID, tag string) uint16 {
	return uint16((maphash.String(l.seed, tag) ^ maphash.String(l.seed, string(tenant))) % tagStripes)
}

// ticket is taken before the store is read.
func (l *local[T]) ticket(tenant tenancy.ID, key string) ticket {
	if l == nil {
		return ticket{}
	}
	t := ticket{watch: l.watch.Load(), tagged: l.tagged.Load()}
	s := l.keyStripe(tenant, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	t.key = s.reports
	return t
}

// put holds what was read from the store after t was taken, unless something
// that may concern it was reported since.
func (l *local[T]) put(t ticket, r route, f found[T], o *Options) {
	if l == nil || t.watch%2 == 0 {
		return
	}
	h := &held[T]{value: f.value, err: f.absent, watch: t.watch, head: f.head}
	for _, tag := range f.head.tags {
		i := l.tagStripe(r.tenant, tag.tag)
		h.tags = append(h.tags, tagMark{i, l.tags[i].Load()})
	}
	if l.tagged.Load() != t.tagged {
		return
	}
	keep, ok := l.keep(f.head, o)
	if !ok {
		return
	}
	h.ages = f.head.ages(o)
	s := l.keyStripe(r.tenant, r.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reports == t.key && l.watch.Load() == t.watch {
		l.values.Set(string(r.tenant), r.key, h, keep)
	}
}

// keep returns how long a value may be held; 0 is for ever.
func (l *local[T]) keep(h header, o *Options) (keep time.Duration, ok bool) {
	age := time.Since(h.written)
	ends := []time.Duration{time.Duration(l.ttl.Load())}
	if h.hard > 0 {
		ends = append(ends, max(min(h.hard-age, h.hard), -1))
	}
	if from, ok := h.refresh(o); ok && age < from {
		ends = append(ends, from-age)
	}
	for _, d := range ends {
		if d != 0 && (keep == 0 || d < keep) {
			keep = d
		}
	}
	return keep, keep == 0 || keep >= time.Millisecond
}

// drop forgets the value under key, and what is being read.
func (l *local[T]) drop(tenant tenancy.ID, key string) {
	if l == nil {
		return
	}
	s := l.keyStripe(tenant, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports++
	l.values.Delete(string(tenant), key)
}

// dropTag ends the values of a group. The order matters: whoever reads the new
// count of the stripe sees that of all changed.
func (l *local[T]) dropTag(tenant tenancy.ID, tag string) {
	if l == nil {
		return
	}
	l.tagged.Add(1)
	l.tags[l.tagStripe(tenant, tag)].Add(1)
}

// see makes values usable, those alone that are put from now on.
func (l *local[T]) see() { l.watch.Store((l.watch.Load() | 1) + 2) }

// blind makes every value unusable, until see.
func (l *local[T]) blind() { l.watch.Store((l.watch.Load() | 1) + 1) }

// unwatched has values be held for ttl at most, because nothing reports changes.
func (l *local[T]) unwatched(ttl time.Duration) {
	l.ttl.Store(int64(ttl))
	l.see()
}

// The longest pause between two tries to watch.
const longestBlind = 5 * time.Second

// watchStore keeps the first level in step with the store until ctx ends.
func (c *Cache[T]) watchStore(ctx context.Context, w cache.Watcher) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, longestBlind) {
		began := time.Now()
		err := w.Watch(ctx, c.changed)
		c.local.blind()
		if errors.Is(err, errors.ErrUnsupported) { // a decorator over a store that cannot
			c.local.unwatched(c.opts.LocalTTL)
			return
		}
		if ctx.Err() != nil {
			return
		}
		c.report(ctx, "blind", "", err)
		if time.Since(began) > time.Minute {
			pause = 50 * time.Millisecond
		}
		t := time.NewTimer(pause/2 + rand.N(pause/2+1))
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// changed drops what is held of a physical key.
func (c *Cache[T]) changed(physical string) {
	if physical == "" {
		c.local.see()
		return
	}
	if tenant, kind, name, ok := c.logical(physical); ok {
		switch kind {
		case kindEntry:
			c.local.drop(tenant, name)
		case kindTag:
			c.local.dropTag(tenant, name)
		}
	}
}
