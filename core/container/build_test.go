package container_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/core/container"
)

// slow is a Build that takes a minute, unless its ctx ends.
func slow(ctx context.Context, _ di.Resolver) (*db, error) {
	select {
	case <-time.After(time.Minute):
		return &db{}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// stubborn is a Build that takes a minute, whatever happens.
func stubborn(context.Context, di.Resolver) (*db, error) {
	time.Sleep(time.Minute)
	return &db{}, nil
}

func TestAbandonedBuildIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		must(t, di.Singleton(c, slow), di.Singleton(c, newOrders, di.Needs(dbKey)), c.Freeze())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := c.Resolve(ctx, ordersKey); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, di.Err) {
			t.Errorf("got %v", err)
		}
		if _, err := c.Resolve(t.Context(), ordersKey); err != nil {
			t.Errorf("after the abandoned build: %v", err)
		}
		if took := time.Since(began); took != time.Minute+time.Second {
			t.Errorf("took %v, so the abandoned build was not cancelled", took)
		}
	})
}

func TestLateComerWaitsForAbandonedBuild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		must(t, di.Singleton(c, stubborn), c.Freeze())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Resolve(ctx, dbKey)
		problem(t, err, context.DeadlineExceeded)
		began := time.Now()
		if _, err := c.Resolve(t.Context(), dbKey); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 59*time.Second {
			t.Errorf("took %v, so there were two builds", took)
		}
	})
}

func TestCloseWaitsForBuilds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		released := false
		must(t, di.Singleton(c, stubborn, di.Closed(func(context.Context, *db) error { released = true; return nil })), c.Freeze())
		done := make(chan error, 1)
		go func() { _, err := c.Resolve(t.Context(), dbKey); done <- err }()
		synctest.Wait()
		must(t, c.Close(t.Context()))
		if err := <-done; err != nil || !released {
			t.Errorf("Resolve = %v, released = %v", err, released)
		}
	})
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		released := false
		must(t, di.Singleton(c, stubborn, di.Closed(func(context.Context, *db) error { released = true; return nil })), c.Freeze())
		done := make(chan error, 1)
		go func() { _, err := c.Resolve(t.Context(), dbKey); done <- err }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := c.Close(ctx)
		problem(t, err, context.DeadlineExceeded, "still running", "*container_test.db")
		if again := c.Close(t.Context()); again == nil || again.Error() != err.Error() {
			t.Errorf("the second Close = %v", again)
		}
		problem(t, <-done, di.ErrClosed)
		if !released {
			t.Error("the late value was not released")
		}
	})
}

func TestCloseRefusesNewBuilds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		must(t, di.Value(c, &db{}), di.Singleton(c, func(ctx context.Context, r di.Resolver) (*orders, error) {
			time.Sleep(time.Minute)
			return newOrders(ctx, r)
		}, di.Needs(dbKey)), c.Freeze())
		done := make(chan error, 1)
		go func() { _, err := c.Resolve(t.Context(), ordersKey); done <- err }()
		synctest.Wait()
		must(t, c.Close(t.Context()))
		problem(t, <-done, di.ErrClosed)
	})
}

func TestGoexitInBuild(t *testing.T) {
	c := container.New()
	must(t, di.Singleton(c, func(context.Context, di.Resolver) (*db, error) { runtime.Goexit(); return nil, nil }), c.Freeze())
	_, err := c.Resolve(t.Context(), dbKey)
	problem(t, err, di.Err, "ended its goroutine")
}

func TestResolverIsForOneBuild(t *testing.T) {
	c := container.New()
	var kept di.Resolver
	must(t, di.Value(c, &db{}), di.Singleton(c, func(ctx context.Context, r di.Resolver) (*orders, error) {
		kept = r
		return newOrders(ctx, r)
	}, di.Needs(dbKey)), c.Freeze())
	if _, err := c.Resolve(t.Context(), ordersKey); err != nil {
		t.Fatal(err)
	}
	_, err := kept.Resolve(t.Context(), dbKey)
	problem(t, err, di.ErrClosed, "that call only")
}

// A Build that goes round its resolver must not wait for itself.
func TestCycleBehindTheResolver(t *testing.T) {
	for _, l := range []di.Lifetime{di.SingletonLifetime, di.TransientLifetime, di.ScopedLifetime} {
		c := container.New()
		var r di.Resolver = c
		must(t,
			di.Provide(c, l, func(ctx context.Context, _ di.Resolver) (*db, error) {
				_, err := di.Get[*orders](ctx, r)
				return &db{}, err
			}),
			di.Provide(c, l, newOrders, di.Needs(dbKey)), c.Freeze())
		if l == di.ScopedLifetime {
			r = c.NewScope()
		}
		_, err := r.Resolve(t.Context(), ordersKey)
		problem(t, err, di.ErrCycle, "*container_test.orders -> *container_test.db -> *container_test.orders")
	}
}

func TestBuildErrorHasTheKindOfItsCause(t *testing.T) {
	down := errs.New("X", errs.Unavailable, "down")
	c := container.New()
	m := c.Module("sql", keys(dbKey), nil).Provider("pg")
	must(t, di.Singleton(m, func(context.Context, di.Resolver) (*db, error) { return nil, down }), c.Freeze())
	_, err := c.Resolve(t.Context(), dbKey)
	problem(t, err, di.Err, `di: build *container_test.db (module "sql", provider "pg"): down`)
	if k := errs.KindOf(err); k != errs.Unavailable || !errors.Is(err, down) {
		t.Errorf("the kind is %v", k)
	}
}

func TestBuildAll(t *testing.T) {
	c := container.New()
	built := 0
	must(t,
		di.Singleton(c, func(context.Context, di.Resolver) (*db, error) { built++; return &db{}, nil }),
		di.Singleton(c, newOrders, di.Needs(dbKey)),
		di.Scoped(c, slow, di.Named("scoped")),
		c.Freeze(), c.Build(t.Context()))
	if built != 1 {
		t.Errorf("built %d times", built)
	}
	must(t, c.Close(t.Context()))
	problem(t, c.Build(t.Context()), di.ErrClosed)
}

func TestResolveDoesNotAllocate(t *testing.T) {
	c := container.New()
	p := c.Module("m", nil, keys(dbKey)).Provider("p").Consumer(dbKey)
	must(t, di.Value(c, &db{}), c.Freeze())
	child := c.Child()
	must(t, child.Freeze())
	ctx := t.Context()
	s := c.NewScope()
	for name, resolve := range map[string]func(){
		"from the container": func() { _, _ = di.Get[*db](ctx, c) },
		"from a scope":       func() { _, _ = di.Get[*db](ctx, s) },
		"if there is one":    func() { _, _, _ = di.Maybe[*db](ctx, c) },
		"by a provider":      func() { _, _ = di.Get[*db](ctx, p) },
		"from a child":       func() { _, _ = di.Get[*db](ctx, child) },
	} {
		if n := testing.AllocsPerRun(100, resolve); n != 0 {
			t.Errorf("resolving a built singleton %s allocates %v times", name, n)
		}
	}
	must(t, s.Close(ctx), child.Close(ctx))
}

// Opening a scope, building a value in it and closing it is the scope, its
// slots, the build and the value.
func TestScopeAllocatesLittle(t *testing.T) {
	c := container.New()
	must(t, di.Value(c, &db{}), di.Scoped(c, newOrders, di.Needs(dbKey), di.Closed(func(context.Context, *orders) error { return nil })), c.Freeze())
	ctx, cancel := context.WithCancel(t.Context()) // as that of a request
	defer cancel()
	n := testing.AllocsPerRun(100, func() {
		s := c.NewScope()
		if _, err := di.Get[*orders](ctx, s); err != nil {
			t.Error(err)
		}
		must(t, s.Close(ctx))
	})
	if n > 4 {
		t.Errorf("a scope with one value allocates %v times", n)
	}
}

func BenchmarkResolve(b *testing.B) {
	c := container.New()
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := di.Value(c, &db{}, di.Named(name)); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(di.Value(c, &db{}), c.Freeze()); err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := di.Get[*db](ctx, c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScope(b *testing.B) {
	c := container.New()
	err := errors.Join(di.Value(c, &db{}),
		di.Scoped(c, newOrders, di.Needs(dbKey), di.Closed(func(context.Context, *orders) error { return nil })), c.Freeze())
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background()) // as that of a request
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		s := c.NewScope()
		if _, err := di.Get[*orders](ctx, s); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// Whoever waits in a scope for what another one builds is not told of that
// one's end: it builds by itself.
func TestScopedBuildThatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		must(t, di.Scoped(c, slow), c.Freeze())
		s := c.NewScope()
		first, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		impatient, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		resolve := func(ctx context.Context) <-chan error {
			done := make(chan error, 1)
			go func() { _, err := s.Resolve(ctx, dbKey); done <- err }()
			synctest.Wait()
			return done
		}
		a, b, c2 := resolve(first), resolve(t.Context()), resolve(impatient)
		began := time.Now()
		problem(t, <-c2, context.DeadlineExceeded)
		problem(t, <-a, context.DeadlineExceeded)
		must(t, <-b)
		if took := time.Since(began); took != time.Minute+time.Second {
			t.Errorf("took %v", took)
		}
		must(t, s.Close(t.Context()))
	})
}

// A scope that was opened before the container was frozen has room for nothing.
func TestScopeThatWasOpenedTooEarly(t *testing.T) {
	c := container.New()
	must(t, di.Scoped(c, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }))
	u := c.Unit("unit", dbKey)
	for _, s := range []di.Scope{c.NewScope(), u.NewScope()} {
		_, err := s.Resolve(t.Context(), dbKey)
		problem(t, err, di.ErrNotFrozen)
		must(t, c.Freeze())
		_, err = s.Resolve(t.Context(), dbKey)
		problem(t, err, di.ErrNotFrozen)
		must(t, s.Close(t.Context()))
	}
	s := u.NewScope()
	_, err := s.Resolve(t.Context(), dbKey)
	must(t, err, s.Close(t.Context()))
}
