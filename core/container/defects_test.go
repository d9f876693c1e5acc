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

// The tests here are named for what containers are known to get wrong.

// at returns the values of n calls of fn at the same time.
func at[T any](t *testing.T, n int, fn func() (T, error)) []T {
	t.Helper()
	got := make([]T, n)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-begin
			v, err := fn()
			if err != nil {
				t.Error(err)
			}
			got[i] = v
		})
	}
	close(begin)
	all.Wait()
	return got
}

// Resolving a transient in five goroutines is no cycle: what is being built
// belongs to the one who builds.
func TestTransientsAtOnceAreNoCycleConcurrentSafe(t *testing.T) {
	c := container.New()
	must(t, di.Transient(c, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }),
		di.Transient(c, newOrders, di.Needs(dbKey)), c.Freeze())
	seen := map[*db]bool{}
	for _, o := range at(t, 5, func() (*orders, error) { return di.Get[*orders](t.Context(), c) }) {
		seen[o.db] = true
	}
	if len(seen) != 5 {
		t.Errorf("five resolves yield %d values", len(seen))
	}
}

// Within one build, several goroutines may resolve the same transient too.
func TestTransientsAtOnceInABuildConcurrentSafe(t *testing.T) {
	c := container.New()
	must(t, di.Transient(c, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }),
		di.Singleton(c, func(ctx context.Context, r di.Resolver) ([]*db, error) {
			return at(t, 5, func() (*db, error) { return di.Get[*db](ctx, r) }), nil
		}, di.Needs(dbKey)), c.Freeze())
	if all, err := di.Get[[]*db](t.Context(), c); err != nil || len(all) != 5 || all[0] == all[1] {
		t.Errorf("got %v, %v", all, err)
	}
}

func TestScopedNeedsScoped(t *testing.T) {
	c := container.New()
	must(t, di.Scoped(c, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }),
		di.Scoped(c, newOrders, di.Needs(dbKey)), c.Freeze())
	s := c.NewScope()
	o, e1 := di.Get[*orders](t.Context(), s)
	d, e2 := di.Get[*db](t.Context(), s)
	must(t, e1, e2, s.Close(t.Context()))
	if o.db != d {
		t.Error("what a scoped service needs comes from elsewhere")
	}
}

func TestScopedAtOnceIsOneConcurrentSafe(t *testing.T) {
	c := container.New()
	var built atomic.Int32
	must(t, di.Scoped(c, func(context.Context, di.Resolver) (*db, error) { built.Add(1); return &db{}, nil }), c.Freeze())
	s := c.NewScope()
	got := at(t, 3, func() (*db, error) { return di.Get[*db](t.Context(), s) })
	if got[0] != got[1] || got[1] != got[2] || built.Load() != 1 {
		t.Errorf("three resolves in a scope built %d values", built.Load())
	}
	must(t, s.Close(t.Context()))
}

// A constructor that fails, for whatever reason, is not called in another way:
// once for each resolve, and its error is what the caller sees.
func TestFailedBuildIsCalledOnce(t *testing.T) {
	failed := errors.New("the constructor's own")
	for _, l := range []di.Lifetime{di.SingletonLifetime, di.ScopedLifetime, di.TransientLifetime} {
		c := container.New()
		calls := 0
		must(t, di.Provide(c, l, func(context.Context, di.Resolver) (*db, error) { calls++; return nil, failed }), c.Freeze())
		s := c.NewScope()
		_, err := s.Resolve(t.Context(), dbKey)
		problem(t, err, failed)
		if calls != 1 {
			t.Errorf("called %d times", calls)
		}
		must(t, s.Close(t.Context()))
	}
}

// A cycle is no absence.
func TestCycleBehindAnOptionalNeed(t *testing.T) {
	c := container.New()
	must(t, di.Singleton(c, func(ctx context.Context, _ di.Resolver) (*db, error) {
		_, _, err := di.Maybe[*orders](ctx, c) // goes round its resolver
		return &db{}, err
	}), di.Singleton(c, newOrders, di.Needs(dbKey)), c.Freeze())
	_, err := c.Resolve(t.Context(), ordersKey)
	problem(t, err, di.ErrCycle)
}

// What a module may see goes with the resolver that its builds are given, in
// whatever goroutine and however many modules build at the same time.
func TestVisibilityGoesWithTheResolverConcurrentSafe(t *testing.T) {
	c := container.New()
	names := []string{"a", "b", "c", "d"}
	for _, name := range names {
		m := c.Module(name, keys(di.KeyOf[*orders](name)), nil)
		must(t, di.Value(m, &db{name}), di.Transient(m, func(ctx context.Context, r di.Resolver) (*orders, error) {
			done := make(chan error, 1)
			var d *db
			go func() {
				var err error
				d, err = di.Get[*db](context.WithoutCancel(ctx), r)
				if err == nil {
					_, err = di.Get[*orders](ctx, r, name)
					if !errors.Is(err, di.ErrUndeclared) {
						t.Errorf("module %s resolves what it did not declare: %v", name, err)
					}
					err = nil
				}
				done <- err
			}()
			err := <-done
			return &orders{d}, err
		}, di.Named(name), di.Needs(dbKey)))
	}
	must(t, c.Freeze())
	var next atomic.Int32
	at(t, 200, func() (*orders, error) {
		name := names[int(next.Add(1))%len(names)]
		o, err := di.Get[*orders](t.Context(), c, name)
		if err == nil && o.db.name != name {
			t.Errorf("module %s was given what module %s has for itself", name, o.db.name)
		}
		return o, err
	})
}

// A transaction that is begun with the ctx of a scoped Build lasts as long as
// the request, and not only as long as the Build.
func TestScopedBuildHasTheCtxOfItsCaller(t *testing.T) {
	type transaction struct{ ctx context.Context }
	c := container.New()
	must(t, di.Scoped(c, func(ctx context.Context, _ di.Resolver) (*transaction, error) { return &transaction{ctx}, nil }),
		di.Scoped(c, func(ctx context.Context, r di.Resolver) (*orders, error) {
			_, err := di.Get[*transaction](ctx, r)
			return &orders{}, err
		}, di.Needs(di.KeyOf[*transaction]())), c.Freeze())
	request, cancel := context.WithCancel(t.Context())
	s := c.NewScope()
	_, e1 := s.Resolve(request, ordersKey)
	tx, e2 := di.Get[*transaction](request, s)
	must(t, e1, e2)
	if err := tx.ctx.Err(); err != nil {
		t.Errorf("during the request: %v", err)
	}
	cancel()
	if tx.ctx.Err() == nil {
		t.Error("after the request the transaction is open")
	}
	must(t, s.Close(t.Context()))
}
