package container_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// TestCrowdConcurrentSafe has 10,000 goroutines resolve, open scopes, share
// one, open children, collect and bind. They come in two waves, because the
// race detector allows some 8,000 at a time.
func TestCrowdConcurrentSafe(t *testing.T) {
	const waves, size = 2, 5000
	c := container.New()
	var built, opened, closed atomic.Int64
	m := c.Module("m", keys(dbKey, ordersKey), keys(di.Optional(di.KeyOf[bool]())))
	must(t,
		di.Singleton(m, func(context.Context, di.Resolver) (*db, error) { built.Add(1); return &db{}, nil }),
		di.Scoped(m, func(ctx context.Context, r di.Resolver) (*orders, error) {
			opened.Add(1)
			return newOrders(ctx, r)
		}, di.Needs(dbKey, di.Optional(di.KeyOf[bool]())), di.Closed(func(context.Context, *orders) error { closed.Add(1); return nil })),
		di.Transient(c, newOrders, di.Named("each"), di.Needs(dbKey)),
		di.Value(c, 0), c.Freeze())
	shared := c.NewScope()
	ctx := t.Context()
	use := func(i int) error {
		switch i % 5 {
		case 0:
			return di.Invoke(ctx, c, func(ctx context.Context, r di.Resolver) error {
				a, e1 := di.Get[*orders](ctx, r)
				b, e2 := di.Get[*orders](ctx, r)
				if a != b {
					t.Error("two values in a scope")
				}
				return errors.Join(e1, e2)
			})
		case 1:
			_, err := di.Get[*orders](ctx, shared)
			return err
		case 2:
			_, e1 := di.Get[*orders](ctx, c, "each")
			_, e2 := di.All[*db](ctx, c)
			return errors.Join(e1, e2)
		case 3:
			n, e1 := di.Get[int](ctx, c)
			return errors.Join(e1, di.Bind(c, n+1))
		default:
			child := c.Child()
			e1 := errors.Join(di.Singleton(child, newOrders, di.Named("own"), di.Needs(dbKey)), child.Freeze())
			_, e2 := di.Get[*orders](ctx, child, "own")
			return errors.Join(e1, e2, child.Close(ctx))
		}
	}
	for range waves {
		begin := make(chan struct{})
		var all sync.WaitGroup
		for i := range size {
			all.Go(func() {
				<-begin
				if err := use(i); err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		all.Wait()
	}
	must(t, shared.Close(ctx))
	if built.Load() != 1 || opened.Load() != waves*size/5+1 || opened.Load() != closed.Load() || c.Children() != 0 {
		t.Errorf("built %d singletons; %d scoped values, closed %d; %d children left", built.Load(), opened.Load(), closed.Load(), c.Children())
	}
	must(t, c.Close(ctx))
}

// The container closes under a crowd: everyone gets a value or ErrClosed, and
// everything that was built is released.
func TestCloseUnderACrowdConcurrentSafe(t *testing.T) {
	c := container.New()
	var opened, closed atomic.Int64
	must(t, di.Value(c, &db{}), di.Scoped(c, func(ctx context.Context, r di.Resolver) (*orders, error) {
		o, err := newOrders(ctx, r)
		if err == nil {
			opened.Add(1)
		}
		return o, err
	}, di.Needs(dbKey), di.Closed(func(context.Context, *orders) error { closed.Add(1); return nil })), c.Freeze())
	ctx := t.Context()
	var all sync.WaitGroup
	for i := range 2000 {
		all.Go(func() {
			if i == 1000 {
				if err := c.Close(ctx); err != nil {
					t.Error(err)
				}
			}
			err := di.Invoke(ctx, c, func(ctx context.Context, r di.Resolver) error { _, err := r.Resolve(ctx, ordersKey); return err })
			if err != nil && !errors.Is(err, di.ErrClosed) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if opened.Load() != closed.Load() {
		t.Errorf("built %d, closed %d", opened.Load(), closed.Load())
	}
}
