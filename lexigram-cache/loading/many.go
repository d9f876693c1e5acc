package loading

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A manyLoader loads several values.
type manyLoader[T any] = func(ctx context.Context, keys []string) (map[string]T, error)

// FetchMany returns the values under keys, of the tenant of ctx; a key without a
// value is absent from the map. The store is read once, and what it has not is
// loaded in one call of load, which leaves out of its map what does not exist;
// that is remembered as Options.NegativeTTL says. What others load already is
// waited for, and a key that another process loads is left to that; if it does
// not come from there, it is loaded by itself.
//
// Errors are those of [Cache.Fetch]; one of load fails the call. The values are
// shared and must not be changed.
func (c *Cache[T]) FetchMany(ctx context.Context, keys []string, load func(ctx context.Context, keys []string) (map[string]T, error), opts ...Option) (map[string]T, error) {
	tags, err := c.tags(opts)
	if err != nil {
		return nil, cache.Err.Wrap(err, "loading: fetch many")
	}
	keys = slices.Clone(keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, k := range keys {
		if err := c.check(route{c.tenant(ctx), k}); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, left(ctx, "fetch", "many")
	}
	got := make(map[string]T, len(keys))
	missing := c.heldMany(ctx, keys, got)
	if len(missing) == 0 {
		return got, nil
	}
	landed, closed := c.count()
	if closed {
		return nil, cache.ErrClosed.Wrap(nil, "loading: fetch many")
	}
	seen := c.lookMany(ctx, missing, tags)
	missing = slices.DeleteFunc(missing, func(k string) bool {
		f := seen[k]
		if f.usable() && f.absent == nil {
			got[k] = f.value
		}
		return f.usable()
	})
	waits := c.boardMany(ctx, missing, tags, landed, seen, load)
	if err := c.awaitMany(ctx, waits, got, opts, c.single(load)); err != nil {
		return nil, err
	}
	return got, nil
}

// single is load for one key.
func (c *Cache[T]) single(load manyLoader[T]) loader[T] {
	return func(ctx context.Context, key string) (T, error) {
		all, err := load(ctx, []string{key})
		return c.pick(all, err, key)
	}
}

// pick returns what a load of several brought for key.
func (c *Cache[T]) pick(all map[string]T, err error, key string) (T, error) {
	v, ok := all[key]
	switch {
	case err != nil || ok:
		return v, err
	case c.opts.NotFound != nil:
		return v, cache.Err.Wrap(c.opts.NotFound, "loading: fetch %.40q", key)
	}
	return v, errNothing
}

// errNothing is a load's that has no value for a key. To others who wait for that key it is a miss.
var errNothing = cache.ErrMiss.Wrap(nil, "loading: load has no such value")

// heldMany fills got with what is held in this process, and returns the other keys.
func (c *Cache[T]) heldMany(ctx context.Context, keys []string, got map[string]T) (missing []string) {
	tenant := c.tenant(ctx)
	for _, k := range keys {
		if c.local == nil {
			return keys
		}
		h := c.local.get(tenant, k)
		if h == nil {
			missing = append(missing, k)
			continue
		}
		c.stats.localHit(k)
		if h.err == nil {
			got[k] = h.value
		}
	}
	return missing
}

// lookMany is look for many keys.
func (c *Cache[T]) lookMany(ctx context.Context, keys, tags []string) map[string]found[T] {
	tenant := c.tenant(ctx)
	seen := make(map[string]found[T], len(keys))
	var ask []string
	for _, k := range keys {
		seen[k] = found[T]{ticket: c.local.ticket(tenant, k)}
		ask = append(ask, c.physical(tenant, kindEntry, k))
	}
	for _, t := range tags {
		ask = append(ask, c.physical(tenant, kindTag, t))
	}
	all, err := cache.GetMany(ctx, c.store, ask)
	for i, k := range keys {
		f, err := seen[k], err
		raw, ok := all[ask[i]]
		if err == nil && !ok {
			err = cache.ErrMiss
		}
		r := route{tenant, k}
		c.read(ctx, r, &f, raw, err, all)
		if f.usable() {
			c.hit(ctx, &f)
			c.local.put(f.ticket, r, f, &c.opts)
		}
		seen[k] = f
	}
	return seen
}

// A wait is for one of the keys of a FetchMany.
type wait[T any] struct {
	flight *flight[T]
	first  bool
}

// boardMany joins the flights of keys, and starts one load for those that have none.
func (c *Cache[T]) boardMany(ctx context.Context, keys, tags []string, landed uint64, seen map[string]found[T], load manyLoader[T]) []wait[T] {
	tenant := c.tenant(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	var waits []wait[T]
	var own []*flight[T]
	for _, k := range keys {
		r := route{tenant, k}
		f, ok := c.flights[r]
		if ok {
			f.waiting++
			c.stats.coalesced.Add(1)
		} else {
			f = c.takeOff(ctx, r, tags)
			own = append(own, f)
		}
		waits = append(waits, wait[T]{f, !ok})
	}
	if len(own) > 0 {
		together(ctx, own)
		go c.flyMany(own, landed != c.landed, seen, load)
	}
	return waits
}

// together has flights share a context that ends when all who wait for any of them have left.
func together[T any](ctx context.Context, own []*flight[T]) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var staying atomic.Int64
	staying.Store(int64(len(own)))
	leave := func() {
		if staying.Add(-1) == 0 {
			cancel()
		}
	}
	for _, f := range own {
		f.cancel() // the one that it was made with
		f.ctx, f.cancel = ctx, sync.OnceFunc(leave)
	}
}

// A batch is one call of load for those flights that have to load.
type batch[T any] struct {
	cache *Cache[T]
	load  manyLoader[T]
	done  chan struct{} // closed when load has returned
	mu    sync.Mutex
	keys  []string
	begun bool
	all   map[string]T
	err   error
}

// flyMany brings the values of own with one call of load, which begins when each
// of them knows whether it has to load, or that another process does.
func (c *Cache[T]) flyMany(own []*flight[T], again bool, seen map[string]found[T], load manyLoader[T]) {
	b := &batch[T]{cache: c, load: load, done: make(chan struct{}), err: errExit}
	var ready sync.WaitGroup
	for _, f := range own {
		ready.Add(1)
		f.arrive = sync.OnceFunc(ready.Done)
		go func() {
			defer f.arrive() // it found its value
			c.fly(f, seen[f.route.key], again, func(ctx context.Context, key string) (T, error) {
				return b.one(ctx, key, f.arrive)
			})
		}()
	}
	ready.Wait()
	b.run(own[0].ctx)
}

// run calls load.
func (b *batch[T]) run(ctx context.Context) {
	defer close(b.done) // also when load ends the goroutine
	b.mu.Lock()
	b.begun = true
	keys := b.keys
	b.mu.Unlock()
	if len(keys) == 0 {
		return
	}
	var all map[string]T
	err := errs.Catch(func() (err error) { all, err = b.load(ctx, keys); return err })
	b.all, b.err = all, err
}

// one is the load of one key. Who comes late loads alone.
func (b *batch[T]) one(ctx context.Context, key string, arrive func()) (T, error) {
	b.mu.Lock()
	late := b.begun
	if !late {
		b.keys = append(b.keys, key)
	}
	b.mu.Unlock()
	if late {
		return b.cache.single(b.load)(ctx, key)
	}
	arrive()
	<-b.done
	return b.cache.pick(b.all, b.err, key)
}

// awaitMany fills got with what waits bring. Each is left, also after an error.
func (c *Cache[T]) awaitMany(ctx context.Context, waits []wait[T], got map[string]T, opts []Option, load loader[T]) error {
	var failed error
	for _, w := range waits {
		value, err, again := c.await(ctx, w.flight, w.first)
		if again && failed != nil {
			continue
		}
		if again {
			value, err = c.fetch(ctx, w.flight.route, load, opts)
		}
		switch {
		case err == nil:
			got[w.flight.route.key] = value
		case errors.Is(err, errNothing), c.final(err):
		case failed == nil:
			failed = err
		}
	}
	return failed
}

// Warm has the values under keys be in the store, and in Local if there is
// one, of the tenant of ctx: what is missing is loaded, with one call of load for
// each 256 keys. It returns how many values there are. An error ends it.
func (c *Cache[T]) Warm(ctx context.Context, keys []string, load func(ctx context.Context, keys []string) (map[string]T, error), opts ...Option) (int, error) {
	n := 0
	for chunk := range slices.Chunk(keys, 256) {
		got, err := c.FetchMany(ctx, chunk, load, opts...)
		n += len(got)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
