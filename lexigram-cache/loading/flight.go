package loading

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A flight is one load and those who wait for it.
type flight[T any] struct {
	route  route
	cancel context.CancelFunc

	waiting   int  // guarded by Cache.mu
	abandoned bool // all have left before it was done; guarded by Cache.mu until done

	storing   chan struct{} // held while the value is stored
	forgotten bool          // guarded by storing

	done  chan struct{} // closed when the rest is set
	value T
	err   error
}

// errExit is what those who wait see if load ends its goroutine, as t.FailNow does.
var errExit = errors.New("loading: load called runtime.Goexit")

// board joins the flight of key and of the tenant of ctx, or starts one. landed is the count of flights
// from before the caller found nothing in the store: if one ended since, the
// value may be there now.
func (c *Cache[T]) board(ctx context.Context, key string, landed uint64, load func(context.Context) (T, error)) *flight[T] {
	c.mu.Lock()
	defer c.mu.Unlock()
	tenant, _ := tenancy.From(ctx) // no tenant is one of its own
	r := route{tenant, key}
	if f, ok := c.flights[r]; ok {
		f.waiting++
		return f
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{
		route: r, cancel: cancel, waiting: 1,
		storing: make(chan struct{}, 1), done: make(chan struct{}), err: errExit,
	}
	c.flights[r] = f
	go c.fly(ctx, f, landed != c.landed, load)
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

// fly runs load and stores what it returns. It ends when load and the store do.
func (c *Cache[T]) fly(ctx context.Context, f *flight[T], again bool, load func(context.Context) (T, error)) {
	defer c.land(f)
	if again {
		if value, found, err := c.lookup(ctx, f.route.key); found {
			f.value, f.err = value, err
			return
		}
	}
	c.load(ctx, f, load)
	f.storing <- struct{}{}
	defer func() { <-f.storing }()
	if !f.forgotten {
		c.save(ctx, f.route.key, f.value, f.err)
	}
}

func (c *Cache[T]) load(ctx context.Context, f *flight[T], load func(context.Context) (T, error)) {
	ctx, end := c.opts.Observer.Start(ctx, "cache.loading.load")
	defer func() { end(f.err) }()
	var value T
	err := errs.Catch(func() (err error) { value, err = load(ctx); return err })
	if err == nil {
		f.value = value
	}
	f.err = err
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
