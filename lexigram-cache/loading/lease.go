package loading

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// A lease is under what a flight loads.
type lease struct {
	found bool // there is nothing to load: somebody else did
	left  bool // somebody else refreshes

	broken   bool   // the store failed: what is loaded is not kept
	key      string // where held is; "" over a store that is no Swapper
	held     []byte // the placeholder
	replaces []byte // what the value takes the place of: the placeholder, or the entry that is refreshed
	done     bool   // there is nothing to release
}

const (
	firstPause   = time.Millisecond
	longestPause = 25 * time.Millisecond
	// patience is how long those who wait for a value wait for it to be kept too.
	patience = 2 * time.Second
)

// acquire returns the lease under which f is to load. If another process has it,
// it waits, unless f is a refresh. It returns what the store had last. With again
// it looks once more where no lease tells that the value has come.
func (c *Cache[T]) acquire(f *flight[T], seen found[T], again bool) (lease, found[T]) {
	waited, mine := false, newLease()
	for pause := firstPause; f.ctx.Err() == nil; pause = min(2*pause, longestPause) {
		if seen.usable() && (!f.refresh || !seen.head.ages(&c.opts)) {
			return lease{found: true}, seen
		}
		if seen.broken {
			return lease{broken: true}, seen
		}
		l, err := c.try(f, seen, mine)
		switch {
		case errors.Is(err, errors.ErrUnsupported) && again: // a lease would have told
			again, seen = false, c.look(f.ctx, f.route, f.tags)
			continue
		case err == nil, errors.Is(err, errors.ErrUnsupported):
			return l, seen
		case !errors.Is(err, cache.ErrChanged):
			if f.ctx.Err() == nil {
				c.report(f.ctx, "failed", f.route.key, err)
			}
			c.release(f, &l) // it may be there
			return lease{broken: true}, seen
		case f.refresh:
			return lease{left: true}, seen
		}
		if !waited {
			waited = true
			if f.arrive != nil {
				f.arrive()
			}
			c.report(f.ctx, "waited", f.route.key, nil)
		} else {
			sleep(f.ctx, pause/2+rand.N(pause/2+1))
		}
		seen = c.look(f.ctx, f.route, f.tags)
	}
	return lease{}, seen
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// try puts the placeholder mine where it belongs: under the key itself, in place
// of nothing or of an entry that nobody may use; or beside it, if the entry is
// still used. The error wraps [cache.ErrChanged] if somebody else loads.
//
// A client may send a request again whose answer was lost, and is told then that
// its own placeholder is in the way.
func (c *Cache[T]) try(f *flight[T], seen found[T], mine []byte) (lease, error) {
	if c.swapper == nil {
		return lease{}, errors.ErrUnsupported
	}
	l := lease{key: c.physical(f.route.tenant, kindEntry, f.route.key), held: mine, replaces: mine}
	if seen.lease && bytes.Equal(seen.raw, mine) {
		return l, nil
	}
	if seen.lease {
		return lease{}, cache.ErrChanged
	}
	var err error
	switch {
	case seen.raw == nil:
		err = c.swapper.Create(f.ctx, l.key, mine, c.opts.Lease)
	case seen.live:
		l.key, l.replaces = c.physical(f.route.tenant, kindRefresh, f.route.key), seen.raw
		if err = c.swapper.Create(f.ctx, l.key, mine, c.opts.Lease); errors.Is(err, cache.ErrChanged) {
			err = c.swapper.Swap(f.ctx, l.key, mine, mine, c.opts.Lease)
		}
	default:
		err = c.swapper.Swap(f.ctx, l.key, seen.raw, mine, c.opts.Lease)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, cache.ErrChanged):
		return lease{}, err
	}
	return l, err
}

// renew extends the lease while f loads, until the returned function is called.
func (c *Cache[T]) renew(ctx context.Context, l lease) (stop func()) {
	if l.key == "" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		t := time.NewTicker(max(c.opts.Lease/3, time.Millisecond))
		defer t.Stop()
		for {
			select {
			case <-t.C:
			case <-ctx.Done():
				return
			}
			if err := c.swapper.Swap(ctx, l.key, l.held, l.held, c.opts.Lease); errors.Is(err, cache.ErrChanged) {
				return // the entry was forgotten: what is loaded will not be kept
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// release lets go of what is left of a lease, so that others need not wait for
// its end. Nobody waits for it.
func (c *Cache[T]) release(f *flight[T], l *lease) {
	if l.key == "" || l.done {
		return
	}
	c.spawn(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(f.ctx), patience)
		defer cancel()
		if err := c.swapper.Remove(ctx, l.key, l.held); err != nil && !errors.Is(err, cache.ErrChanged) {
			c.report(ctx, "failed", f.route.key, err)
		}
	})
}

// spawn runs fn in the background, or at once if the cache is closed.
func (c *Cache[T]) spawn(fn func()) {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		fn()
		return
	}
	defer c.mu.Unlock()
	c.background.Go(fn)
}
