package loading

import (
	"context"
	"errors"
	"time"
)

// A flight is one load and those who wait for it.
type flight[T any] struct {
	route  route
	tags   []string
	ctx    context.Context
	cancel context.CancelFunc

	waiting   int  // guarded by Cache.mu
	abandoned bool // all have left before it was done; guarded by Cache.mu until done

	storing   chan struct{} // held while the value is stored
	forgotten bool          // guarded by storing

	refresh bool   // replaces a value that is still used
	arrive  func() // of a batch: it waits for others no more; nil without one

	done    chan struct{} // closed when the rest is set
	value   T
	err     error
	raced   bool // the entry was forgotten while it loaded
	nothing bool // it was a refresh, and left it to another
}

// errExit is what those who wait see if load ends its goroutine, as t.FailNow does.
var errExit = errors.New("loading: load called runtime.Goexit")

// board joins the flight of r, or starts one and is its first. landed is the
// count of flights from before the caller saw what the store has: if one ended
// since, the value may be there now.
func (c *Cache[T]) board(ctx context.Context, r route, tags []string, landed uint64, seen found[T], load loader[T]) (f *flight[T], first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flights[r]; ok {
		f.waiting++
		return f, false
	}
	f = c.takeOff(ctx, r, tags)
	go c.fly(f, seen, landed != c.landed, load)
	return f, true
}

// takeOff registers a flight that one waits for. Cache.mu is held.
func (c *Cache[T]) takeOff(ctx context.Context, r route, tags []string) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{
		route: r, tags: tags, ctx: ctx, cancel: cancel, waiting: 1,
		storing: make(chan struct{}, 1), done: make(chan struct{}), err: errExit,
	}
	c.flights[r] = f
	return f
}

// leave takes one who waits off f. The last one's leaving ends the load.
func (c *Cache[T]) leave(f *flight[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	f.cancel()
	select {
	case <-f.done:
	default:
		f.abandoned = true
	}
}

// fly brings the value: it finds it, or waits for who loads it, or loads it. It
// ends when load and the store do. With again, the value may have come since it was looked for.
func (c *Cache[T]) fly(f *flight[T], seen found[T], again bool, load loader[T]) {
	defer c.land(f)
	if f.refresh {
		seen = c.look(f.ctx, f.route, f.tags)
	}
	l, seen := c.acquire(f, seen, again)
	if l.found {
		f.value, f.err = seen.value, seen.absent
		c.local.put(seen.ticket, f.route, seen, &c.opts)
		return
	}
	if f.nothing = l.left; f.nothing {
		f.err = nil
		return
	}
	if f.ctx.Err() != nil { // all left while it waited
		c.release(f, &l)
		f.err = left(f.ctx, "fetch", f.route.key)
		return
	}
	c.loadUnder(f, l, seen, load)
}

// loadUnder loads, and stores what it got if the lease is still held.
func (c *Cache[T]) loadUnder(f *flight[T], l lease, seen found[T], load loader[T]) {
	ctx := f.ctx
	generations, err := c.generations(ctx, f.route.tenant, f.tags)
	if err != nil {
		l.broken = true // without generations nothing can be kept
		if ctx.Err() == nil {
			c.report(ctx, "failed", f.route.key, err)
		}
	}
	renewed := c.renew(ctx, l)
	defer c.release(f, &l) // also when load ends the goroutine
	defer renewed()
	began := time.Now()
	c.load(ctx, f, load)
	c.keep(f, &l, header{written: began, took: time.Since(began), tags: generations})
	if f.err != nil && seen.live && seen.stale && !errors.Is(f.err, errExit) && !c.final(f.err) {
		c.report(ctx, "stale", f.route.key, f.err)
		f.value, f.err = seen.value, seen.absent
	}
}

// land lets everybody know that f is done.
func (c *Cache[T]) land(f *flight[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[f.route] == f {
		delete(c.flights, f.route)
	}
	c.landed++
	close(f.done)
}
