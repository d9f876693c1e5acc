package loading

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// soonest is the age in units of took·beta before the refresh at which a use
// may refresh early: it is drawn with a probability of e⁻²⁰ there.
const soonest = 20

// refresh returns the age from which a use may have to refresh the value.
func (h *header) refresh(o *Options) (from time.Duration, ok bool) {
	at := h.soft
	if at == 0 {
		at = h.hard
	}
	if at == 0 || h.soft == 0 && o.EarlyRefresh == 0 {
		return 0, false
	}
	return max(at-time.Duration(soonest*o.EarlyRefresh*float64(h.took)), 0), true
}

// ages reports whether the value is so old that a use may have to refresh it.
func (h *header) ages(o *Options) bool {
	from, ok := h.refresh(o)
	return ok && time.Since(h.written) >= from
}

// due reports whether a use of the value at age has to refresh it: if it is of
// the age to, or by XFetch, with a probability that rises as that comes closer.
// draw is a random number of [0, 1).
//
// XFetch (Vattani et al., VLDB 2015, figure 3) recomputes when
// now − took·beta·ln(random) ≥ expiry; the logarithm is negative, so that a
// long load and a large beta bring the refresh forward.
func (h *header) due(age time.Duration, beta, draw float64) bool {
	at := h.soft
	if at == 0 {
		at = h.hard
	}
	if at == 0 || h.soft == 0 && beta == 0 {
		return false
	}
	ahead := -float64(h.took) * beta * math.Log(1-draw) // 1−draw is never 0
	return float64(age)+ahead >= float64(at)
}

// refreshOne replaces a value that is still used, in the background, under the
// lease of it that one process has at a time.
func (c *Cache[T]) refreshOne(ctx context.Context, r route, tags []string, load loader[T]) {
	c.mu.Lock()
	if _, ok := c.flights[r]; ok || c.closed {
		c.mu.Unlock()
		return
	}
	f := c.takeOff(ctx, r, tags)
	f.refresh = true
	c.background.Add(1)
	c.mu.Unlock()
	go func() {
		defer c.background.Done()
		stop := context.AfterFunc(c.life, f.cancel)
		defer stop()
		c.fly(f, found[T]{}, false, load)
		c.leave(f)
	}()
}

// maybeRefresh starts a refresh of what was read from the store, if it is due.
func (c *Cache[T]) maybeRefresh(ctx context.Context, r route, f *found[T], tags []string, load loader[T]) {
	if f.head.due(time.Since(f.head.written), c.opts.EarlyRefresh, rand.Float64()) {
		c.refreshOne(ctx, r, tags, load)
	}
}

// maybeRefreshHeld is maybeRefresh for what is held in this process, which is
// used often: it tries no sooner than a second after the last time.
func (c *Cache[T]) maybeRefreshHeld(ctx context.Context, r route, h *held[T], opts []Option, load loader[T]) {
	next, now := h.next.Load(), time.Since(c.local.begun)
	if int64(now) < next || !h.head.due(time.Since(h.head.written), c.opts.EarlyRefresh, rand.Float64()) || !h.next.CompareAndSwap(next, int64(now+time.Second)) {
		return
	}
	if tags, err := c.tags(opts); err == nil {
		c.refreshOne(ctx, r, tags, load)
	}
}
