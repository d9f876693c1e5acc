package container_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

func TestBindByAProvider(t *testing.T) {
	c := container.New()
	sql := c.Module("sql", keys(dbKey), nil)
	shop := c.Module("shop", nil, keys(dbKey))
	unbooted := func(context.Context, di.Resolver) (*db, error) { return nil, di.Err }
	must(t, di.Singleton(sql, unbooted), di.Scoped(sql, slow, di.Named("scoped")))
	boot, other := sql.Provider("p").Consumer(), shop.Provider("q").Consumer(dbKey)
	problem(t, di.Bind(boot, &db{}), di.ErrNotFrozen)
	must(t, c.Freeze())
	problem(t, di.Bind(other, &db{}), di.ErrHidden, `by module "shop"`, `belongs to module "sql"`)
	problem(t, di.Bind(boot, &db{}, "scoped"), di.Err, "scoped", "only a singleton")
	problem(t, di.Bind(boot, &orders{}), di.ErrMissing, "*container_test.orders")
	problem(t, di.Bind[*db](boot, nil), di.ErrType)
	must(t, di.Bind(boot, &db{"booted"}))
	if d, err := di.Get[*db](t.Context(), other); err != nil || d.name != "booted" {
		t.Errorf("got %v, %v", d, err)
	}
	must(t, c.Close(t.Context()))
	problem(t, di.Bind(boot, &db{}), di.ErrClosed)
}

// A value that is bound while the Build runs is the one that counts; the built
// one is closed with the container.
func TestBindDuringBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		var closed []*db
		must(t, di.Singleton(c, stubborn, di.Closed(func(_ context.Context, d *db) error { closed = append(closed, d); return nil })), c.Freeze())
		got := make(chan *db, 1)
		go func() {
			d, err := di.Get[*db](t.Context(), c)
			if err != nil {
				t.Error(err)
			}
			got <- d
		}()
		synctest.Wait()
		bound := &db{"bound"}
		must(t, di.Bind(c, bound))
		if d, err := di.Get[*db](t.Context(), c); d != bound {
			t.Errorf("at once: %v, %v", d, err)
		}
		if d := <-got; d != bound {
			t.Errorf("the one that waited got %v", d)
		}
		must(t, c.Close(t.Context()))
		if len(closed) != 1 || closed[0] == bound {
			t.Errorf("closed %v", closed)
		}
	})
}

// After Bind has returned nobody gets an older value.
func TestBindConcurrentSafe(t *testing.T) {
	c := container.New()
	must(t, di.Value(c, 0), c.Freeze())
	var all sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		all.Go(func() {
			last := 0
			for {
				n, err := di.Get[int](context.Background(), c)
				if err != nil || n < last {
					t.Errorf("%d after %d, %v", n, last, err)
					return
				}
				last = n
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := 1; i <= 1000; i++ {
		if err := di.Bind(c, i); err != nil {
			t.Error(err)
		}
		if n, _ := di.Get[int](t.Context(), c); n != i {
			t.Errorf("bound %d, got %d", i, n)
		}
	}
	close(done)
	all.Wait()
}
