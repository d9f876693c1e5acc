package loading

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A found is what the store has under a key.
type found[T any] struct {
	raw    []byte // the entry; nil if there is none
	lease  bool   // it is a placeholder: somebody loads
	live   bool   // it has a value or an absence, of the generations that are
	stale  bool   // that is past its hard ttl
	broken bool   // the store could not be read

	head   header
	value  T
	absent error  // the error of a remembered absence
	ticket ticket // from before it was read
}

// usable reports whether it may be returned.
func (f *found[T]) usable() bool { return f.live && !f.stale }

// look reads the entry of r, and in the same round trip the generations of tags.
func (c *Cache[T]) look(ctx context.Context, r route, tags []string) found[T] {
	f := found[T]{ticket: c.local.ticket(r.tenant, r.key)}
	key := c.physical(r.tenant, kindEntry, r.key)
	if len(tags) == 0 {
		raw, err := c.store.Get(ctx, key)
		c.read(ctx, r, &f, raw, err, nil)
		return f
	}
	keys := []string{key}
	for _, t := range tags {
		keys = append(keys, c.physical(r.tenant, kindTag, t))
	}
	all, err := cache.GetMany(ctx, c.store, keys)
	if _, ok := all[key]; err == nil && !ok {
		err = cache.ErrMiss
	}
	c.read(ctx, r, &f, all[key], err, all)
	return f
}

// read makes of an entry what it says. all has values of generations by their keys.
func (c *Cache[T]) read(ctx context.Context, r route, f *found[T], raw []byte, err error, all map[string][]byte) {
	switch {
	case errors.Is(err, cache.ErrMiss):
		return
	case err != nil:
		f.broken = true
		if ctx.Err() == nil {
			c.report(ctx, "failed", r.key, err)
		}
		return
	}
	f.raw = raw
	if f.lease = len(raw) > 0 && raw[0] == markLease; f.lease {
		return
	}
	mark, head, data, err := parse(raw)
	switch {
	case err != nil:
	case mark == markAbsent && c.opts.NotFound == nil:
		err = errFormat
	case mark == markAbsent:
		f.absent = cache.Err.Wrap(c.opts.NotFound, "loading: fetch %.40q: remembered", r.key)
	default:
		err = errs.Catch(func() error { return c.opts.Codec.Unmarshal(data, &f.value) })
	}
	if err != nil {
		var zero T
		f.value = zero
		c.report(ctx, "corrupt", r.key, err)
		return
	}
	f.head = head
	f.live = c.current(ctx, r, head.tags, all)
	f.stale = head.hard > 0 && c.opts.StaleIfError > 0 && time.Since(head.written) >= head.hard
}

// current reports whether every group of the entry is the one that it was put in.
func (c *Cache[T]) current(ctx context.Context, r route, tags []tagged, all map[string][]byte) bool {
	var missing []string
	for _, t := range tags {
		if _, ok := all[c.physical(r.tenant, kindTag, t.tag)]; !ok {
			missing = append(missing, c.physical(r.tenant, kindTag, t.tag))
		}
	}
	more := map[string][]byte{}
	if len(missing) > 0 {
		var err error
		if more, err = cache.GetMany(ctx, c.store, missing); err != nil {
			if ctx.Err() == nil {
				c.report(ctx, "failed", r.key, err)
			}
			return false
		}
	}
	for _, t := range tags {
		key := c.physical(r.tenant, kindTag, t.tag)
		raw, ok := all[key]
		if !ok {
			raw = more[key]
		}
		if now, _, ok := readGeneration(raw); !ok || now != t.generation {
			return false
		}
	}
	return true
}

// hit counts what was found in the store.
func (c *Cache[T]) hit(ctx context.Context, f *found[T]) {
	if f.absent != nil {
		c.report(ctx, "absent", "", nil)
		return
	}
	c.stats.storeHits.Add(1)
}
