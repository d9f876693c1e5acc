package loading

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

func (c *Cache[T]) load(ctx context.Context, f *flight[T], load loader[T]) {
	result := "miss"
	if f.refresh {
		result = "refresh"
	}
	c.report(ctx, result, f.route.key, nil)
	ctx, end := c.opts.Observer.Start(ctx, "cache.loading.load")
	defer func() { end(f.err) }()
	var value T
	err := errs.Catch(func() (err error) { value, err = load(ctx, f.route.key); return err })
	if err == nil {
		f.value = value
	}
	f.err = err
	if err != nil && f.refresh && ctx.Err() == nil {
		c.report(ctx, "failed", f.route.key, err)
	}
}

// final reports whether a load's error says that there is no such value.
func (c *Cache[T]) final(err error) bool {
	return c.opts.NotFound != nil && errors.Is(err, c.opts.NotFound)
}

// keep stores what a load returned, unless the entry was forgotten meanwhile.
func (c *Cache[T]) keep(f *flight[T], l *lease, h header) {
	f.storing <- struct{}{}
	defer func() { <-f.storing }()
	if f.forgotten || l.broken { // nobody came to a forgotten one since
		return
	}
	entry, ttl, ok := c.entry(f, &h)
	if !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(f.ctx), patience)
	defer cancel()
	key := c.physical(f.route.tenant, kindEntry, f.route.key)
	if l.key == "" {
		if err := c.store.Set(ctx, key, entry, ttl); err != nil {
			c.report(ctx, "failed", f.route.key, err)
		}
		return
	}
	// Whoever comes from now on looks at the store: this value may be forgotten
	// as soon as it is there, before those who wait here have it.
	c.seal(f)
	t := c.local.ticket(f.route.tenant, f.route.key)
	if f.raced = !c.same(ctx, f, h.tags); f.raced {
		c.report(ctx, "raced", f.route.key, nil)
		return
	}
	err := c.swapper.Swap(ctx, key, l.replaces, entry, ttl)
	switch {
	case errors.Is(err, cache.ErrChanged):
		f.raced = true
		c.report(ctx, "raced", f.route.key, nil)
	case err != nil:
		c.report(ctx, "failed", f.route.key, err)
	default:
		l.done = l.key == key // the placeholder is the value now
		seen := found[T]{value: f.value, head: h}
		if f.err != nil {
			seen.absent = f.err
		}
		c.local.put(t, f.route, seen, &c.opts)
	}
}

// seal takes f away from those to come.
func (c *Cache[T]) seal(f *flight[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.flights[f.route] == f {
		delete(c.flights, f.route)
	}
}

// same reports whether the groups are those that they were before the load.
func (c *Cache[T]) same(ctx context.Context, f *flight[T], before []tagged) bool {
	if len(before) == 0 {
		return true
	}
	now, err := c.generations(ctx, f.route.tenant, f.tags)
	if err != nil {
		c.report(ctx, "failed", f.route.key, err)
	}
	return err == nil && slices.Equal(before, now)
}

// entry returns what is to be stored of what a load returned, if anything is.
func (c *Cache[T]) entry(f *flight[T], h *header) (entry []byte, ttl time.Duration, ok bool) {
	switch {
	case f.err == nil:
		var data []byte
		err := errs.Catch(func() (err error) { data, err = c.opts.Codec.Marshal(f.value); return err })
		if err != nil {
			c.report(f.ctx, "failed", f.route.key, err)
			return nil, 0, false
		}
		h.hard = c.opts.shorten(c.opts.TTL)
		h.soft = c.opts.SoftTTL
		if h.hard > 0 && h.soft >= h.hard {
			h.soft = h.hard * 9 / 10 // jitter brought the end before it
		}
		if ttl = h.hard; ttl > 0 {
			ttl += c.opts.StaleIfError
		}
		return appendValue(appendHeader(nil, markValue, *h), data, c.opts.CompressOver), ttl, true
	case c.opts.NegativeTTL == 0 || !c.final(f.err):
		return nil, 0, false
	}
	h.hard = c.opts.shorten(c.opts.NegativeTTL)
	return appendHeader(nil, markAbsent, *h), h.hard, true
}
