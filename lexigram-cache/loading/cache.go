package loading

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// A Cache reads values of type T through a [cache.Store]; the package says what
// it promises. It is safe for concurrent use; the zero value is not usable. It
// owns neither the store nor Options.Local, but goroutines: close it. Without Local
// and refreshes they are over within seconds of the last load.
type Cache[T any] struct {
	store   cache.Store
	swapper cache.Swapper // nil if the store is none
	opts    Options
	local   *local[T] // nil without a first level
	stats   stats

	life       context.Context // ends with Close
	end        context.CancelFunc
	background sync.WaitGroup

	mu      sync.Mutex
	flights map[route]*flight[T]
	landed  uint64 // flights that ended
	closed  bool
	unset   []func() // gauges
}

// A loader loads one value.
type loader[T any] = func(ctx context.Context, key string) (T, error)

// New returns a cache over store. An error wraps [cache.Err] and is an
// errs.ValidationError that names the options that are wrong.
func New[T any](store cache.Store, opts Options) (*Cache[T], error) {
	if store == nil {
		return nil, cache.Err.Wrap(errors.New("store is nil"), "loading: new")
	}
	if err := opts.validate(); err != nil {
		return nil, cache.Err.Wrap(err, "loading: new")
	}
	c := &Cache[T]{store: store, opts: opts, flights: map[route]*flight[T]{}}
	c.swapper, _ = store.(cache.Swapper)
	c.life, c.end = context.WithCancel(context.Background())
	watcher, watched := store.(cache.Watcher)
	c.local = newLocal[T](opts.Local, opts.LocalTTL, watched)
	if c.local != nil && watched {
		c.background.Go(func() { c.watchStore(c.life, watcher) })
	}
	c.gauge()
	return c, nil
}

// Close ends what runs in the background, waits for it, and drops the values in
// Local. It is idempotent and returns nil. Loads that callers wait for end as
// always; later calls are [cache.ErrClosed].
func (c *Cache[T]) Close() error {
	c.mu.Lock()
	unset := c.unset
	c.closed, c.unset = true, nil
	c.mu.Unlock()
	for _, stop := range unset {
		stop()
	}
	c.end()
	c.background.Wait()
	if c.local != nil {
		c.local.blind()
	}
	return nil
}

// Fetch returns the value under key, of the tenant of ctx. If neither this
// process nor the store has it, it calls load, or waits for a call that runs
// here or in another process, and keeps the value.
//
// All who wait for one load get what it returned: the value, which they share
// and must not change; or the error, which is not kept unless it wraps
// Options.NotFound; or its panic, as an [errs.PanicError]. load's context has
// the values of the first caller's, and ends when all who wait have left, not
// sooner. Fetch leaves when its own ctx ends, with an error that wraps the cause.
// A key that [cache.CheckKey] refuses, after what is put before it, wraps [cache.ErrKey].
//
// A value that is found in this process costs no allocation, if load captures
// nothing or was made before: it is kept by a load that runs, so the compiler
// allocates what it captures at every call.
func (c *Cache[T]) Fetch(ctx context.Context, key string, load func(ctx context.Context, key string) (T, error), opts ...Option) (T, error) {
	r := route{c.tenant(ctx), key}
	if c.local != nil && ctx.Err() == nil {
		if h := c.local.get(r.tenant, key); h != nil {
			c.stats.localHit(key)
			if h.ages {
				c.maybeRefreshHeld(ctx, r, h, slices.Clone(opts), load)
			}
			return h.value, h.err
		}
	}
	return c.fetch(ctx, r, load, slices.Clone(opts)) // the clone keeps opts on the caller's stack
}

func (c *Cache[T]) fetch(ctx context.Context, r route, load loader[T], opts []Option) (T, error) {
	var zero T
	if err := c.check(r); err != nil {
		return zero, err
	}
	tags, err := c.tags(opts)
	if err != nil {
		return zero, cache.Err.Wrap(err, "loading: fetch %.40q", r.key)
	}
	for {
		if ctx.Err() != nil {
			return zero, left(ctx, "fetch", r.key)
		}
		landed, closed := c.count()
		if closed {
			return zero, cache.ErrClosed.Wrap(nil, "loading: fetch %.40q", r.key)
		}
		seen := c.look(ctx, r, tags)
		if seen.usable() {
			c.hit(ctx, &seen)
			c.local.put(seen.ticket, r, seen, &c.opts)
			c.maybeRefresh(ctx, r, &seen, tags, load)
			return seen.value, seen.absent
		}
		f, first := c.board(ctx, r, tags, landed, seen, load)
		if !first {
			c.report(ctx, "coalesced", r.key, nil)
		}
		if value, err, again := c.await(ctx, f, first); !again {
			return value, err
		}
	}
}

// await waits for f to land. It reports again if what f brings is not for this caller.
func (c *Cache[T]) await(ctx context.Context, f *flight[T], first bool) (value T, err error, again bool) {
	select {
	case <-f.done:
		c.leave(f)
		switch {
		case f.err != nil && f.abandoned, f.nothing: // its context had ended before this caller came; or a refresh
			return value, nil, true
		case f.raced && !first: // this caller may have come after the entry was forgotten
			return value, nil, true
		}
		return f.value, f.err, false
	case <-ctx.Done():
		c.leave(f)
		return value, left(ctx, "fetch", f.route.key), false
	}
}

// Forget deletes the values under keys, of the tenant of ctx. A load that began
// before is not kept, and nobody who fetches from now on gets what it returns.
// While this process stores the value of such a load, Forget waits; if ctx ends
// first, the error wraps its cause and the values stand. Otherwise it returns the
// store's error: what could not be deleted stands. Over a store that is no
// [cache.Swapper], loads of other processes may be kept after it.
func (c *Cache[T]) Forget(ctx context.Context, keys ...string) error {
	tenant := c.tenant(ctx)
	physical := make([]string, len(keys))
	for i, key := range keys {
		if err := c.check(route{tenant, key}); err != nil {
			return err
		}
		physical[i] = c.physical(tenant, kindEntry, key)
	}
	for _, key := range keys {
		f := c.ground(route{tenant, key})
		if f == nil {
			continue
		}
		select {
		case f.storing <- struct{}{}:
			f.forgotten = true
			<-f.storing
		case <-ctx.Done():
			return left(ctx, "forget", key)
		}
	}
	var err error
	if len(physical) == 1 {
		err = c.store.Delete(ctx, physical[0])
	} else {
		_, err = cache.DeleteMany(ctx, c.store, physical)
	}
	for _, key := range keys {
		c.local.drop(tenant, key)
	}
	return err
}

// ground takes the flight of r away from those to come.
func (c *Cache[T]) ground(r route) *flight[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := c.flights[r]
	delete(c.flights, r)
	return f
}

func left(ctx context.Context, op, key string) error {
	return cache.Err.Wrap(context.Cause(ctx), "loading: %s %.40q", op, key)
}

func (c *Cache[T]) count() (landed uint64, closed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.landed, c.closed
}

// MaxStaleness is how long after an entry was forgotten or replaced by another
// process a Fetch that begins here may return the value from before: that of the
// store if it is a [cache.Watcher], Options.LocalTTL if it is none, and zero
// without Options.Local. What this process forgets it never returns.
func (c *Cache[T]) MaxStaleness() time.Duration {
	if c.local == nil {
		return 0
	}
	if ttl := time.Duration(c.local.ttl.Load()); ttl > 0 {
		return ttl
	}
	w, _ := c.store.(cache.Watcher)
	return w.MaxStaleness()
}

// report counts a result, and logs it if it is an error.
func (c *Cache[T]) report(ctx context.Context, result, key string, err error) {
	c.stats.count(result)
	c.opts.Observer.Count(ctx, "cache.loading", 1, slog.String("result", result), slog.String("cache", c.opts.Name))
	if err != nil {
		c.opts.Logger.WarnContext(ctx, "cache entry "+result, "key", key, "error", err)
	}
}
