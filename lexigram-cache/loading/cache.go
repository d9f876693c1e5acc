package loading

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A Cache reads values of type T through a [cache.Store]. In this process it
// runs one load per key and tenant at a time; processes that share a store each
// run their own. Callers in contexts of different tenants ([tenancy.From]) never
// share a load: the store may keep their entries apart. It is safe for
// concurrent use; the zero value is not usable. It does not own the store.
type Cache[T any] struct {
	store cache.Store
	opts  Options

	mu      sync.Mutex
	flights map[route]*flight[T]
	landed  uint64 // flights that ended
}

// A route is what callers must have in common to share a load.
type route struct {
	tenant tenancy.ID // "" without one
	key    string
}

// New returns a cache over store. An error wraps [cache.Err] and is an
// errs.ValidationError that names the options that are wrong.
func New[T any](store cache.Store, opts Options) (*Cache[T], error) {
	if store == nil {
		return nil, cache.Err.Wrap(errors.New("store is nil"), "loading: new")
	}
	if err := opts.validate(); err != nil {
		return nil, cache.Err.Wrap(err, "loading: new")
	}
	return &Cache[T]{store: store, opts: opts, flights: map[route]*flight[T]{}}, nil
}

// Get returns the value under key. If the store has none, it calls load, or
// waits for the call that is running, and stores the value.
//
// All who wait for one load get what it returned: the value, which they share
// and must not change; or the error, which is not stored unless it wraps
// Options.NotFound; or its panic, as an [errs.PanicError]. load's context has
// the values of the first caller's, and ends when all who wait have left, not
// sooner. Get leaves when its own ctx ends, with an error that wraps the cause.
// A key that [cache.CheckKey] refuses, after the prefix, wraps [cache.ErrKey].
func (c *Cache[T]) Get(ctx context.Context, key string, load func(ctx context.Context) (T, error)) (T, error) {
	var zero T
	key = c.opts.Prefix + key
	if err := cache.CheckKey(key); err != nil {
		return zero, err
	}
	for {
		if ctx.Err() != nil {
			return zero, left(ctx, "get", key)
		}
		landed := c.count()
		if value, found, err := c.lookup(ctx, key); found {
			return value, err
		}
		f := c.board(ctx, key, landed, load)
		select {
		case <-f.done:
			c.leave(f)
			if f.err != nil && f.abandoned {
				continue // its context had ended before this caller came
			}
			return f.value, f.err
		case <-ctx.Done():
			c.leave(f)
			return zero, left(ctx, "get", key)
		}
	}
}

// Forget deletes the value under key. A load that began before is not stored,
// and nobody who calls Get from now on waits for it. While such a load stores its
// value, Forget waits; if ctx ends first, the error wraps its cause and the
// value stands. Otherwise it returns the store's error. Loads of other
// processes are not known: what they load meanwhile may be stored after it.
func (c *Cache[T]) Forget(ctx context.Context, key string) error {
	key = c.opts.Prefix + key
	if err := cache.CheckKey(key); err != nil {
		return err
	}
	for _, f := range c.ground(key) {
		select {
		case f.storing <- struct{}{}:
			f.forgotten = true
			<-f.storing
		case <-ctx.Done():
			return left(ctx, "forget", key)
		}
	}
	return c.store.Delete(ctx, key)
}

// ground takes the flights of key away from those to come. It takes those of
// every tenant: the store may be one for all.
func (c *Cache[T]) ground(key string) (all []*flight[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for r, f := range c.flights {
		if r.key == key {
			all = append(all, f)
			delete(c.flights, r)
		}
	}
	return all
}

func left(ctx context.Context, op, key string) error {
	return cache.Err.Wrap(context.Cause(ctx), "loading: %s %.40q", op, key)
}

func (c *Cache[T]) count() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.landed
}

// lookup returns what the store has under key: a value, or the error of a
// remembered absence.
func (c *Cache[T]) lookup(ctx context.Context, key string) (value T, found bool, err error) {
	data, err := c.store.Get(ctx, key)
	switch {
	case errors.Is(err, cache.ErrMiss):
		c.report(ctx, "miss", key, nil)
		return value, false, nil
	case err != nil:
		if ctx.Err() == nil {
			c.report(ctx, "failed", key, err)
		}
		return value, false, nil
	case len(data) == 1 && data[0] == absentMark && c.opts.NotFound != nil:
		c.report(ctx, "absent", key, nil)
		return value, true, cache.Err.Wrap(c.opts.NotFound, "loading: get %.40q: remembered", key)
	case len(data) > 0 && data[0] == valueMark:
		err = errs.Catch(func() error { return c.opts.Unmarshal(data[1:], &value) })
	default:
		err = errFormat
	}
	if err != nil {
		c.report(ctx, "corrupt", key, err)
		var zero T
		return zero, false, nil
	}
	c.report(ctx, "hit", key, nil)
	return value, true, nil
}

// An entry is a mark and what Marshal made of the value.
const (
	valueMark  = 'v'
	absentMark = 'n'
)

var errFormat = errors.New("not an entry of a loading cache")

// save stores what a load returned.
func (c *Cache[T]) save(ctx context.Context, key string, value T, loadErr error) {
	entry, ttl := []byte{absentMark}, c.opts.NegativeTTL
	switch {
	case loadErr == nil:
		var data []byte
		err := errs.Catch(func() (err error) { data, err = c.opts.Marshal(value); return err })
		if err != nil {
			c.report(ctx, "failed", key, err)
			return
		}
		entry, ttl = append([]byte{valueMark}, data...), c.opts.TTL
	case ttl == 0 || !errors.Is(loadErr, c.opts.NotFound):
		return
	}
	if err := c.store.Set(ctx, key, entry, c.opts.shorten(ttl)); err != nil && ctx.Err() == nil {
		c.report(ctx, "failed", key, err)
	}
}

// report counts a result, and logs it if it is an error.
func (c *Cache[T]) report(ctx context.Context, result, key string, err error) {
	c.opts.Observer.Count(ctx, "cache.loading", 1, slog.String("result", result))
	if err != nil {
		c.opts.Logger.WarnContext(ctx, "cache entry "+result, "key", key, "error", err)
	}
}
