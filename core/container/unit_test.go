package container_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

func TestUnit(t *testing.T) {
	c := container.New()
	closed := 0
	must(t, di.Scoped(c, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil },
		di.Closed(func(context.Context, *db) error { closed++; return nil })),
		di.Scoped(c, newOrders, di.Needs(dbKey)), di.Value(c, "undeclared"))
	u := c.Unit("import", ordersKey, di.KeyOf[*db]("*"), di.Optional(di.KeyOf[int]()))
	use := func(fn func(context.Context, di.Resolver) error) error { return di.Invoke(t.Context(), u, fn) }
	resolve := func(ctx context.Context, r di.Resolver) error { _, err := r.Resolve(ctx, ordersKey); return err }
	problem(t, use(resolve), di.ErrNotFrozen)
	must(t, c.Freeze())
	var kept di.Resolver
	must(t, use(func(ctx context.Context, r di.Resolver) error {
		kept = r
		all, err := di.All[*db](ctx, r)
		if len(all) != 1 {
			t.Errorf("collected %v, %v", all, err)
		}
		o, err := di.Get[*orders](ctx, r)
		if err != nil || o.db != all[0] {
			t.Errorf("got %v, %v", o, err)
		}
		_, found, err := di.Maybe[int](ctx, r)
		if found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		_, err = di.Get[string](ctx, r)
		problem(t, err, di.ErrUndeclared, "unit import")
		return nil
	}))
	if closed != 1 {
		t.Errorf("closed %d values of the scope", closed)
	}
	problem(t, resolve(t.Context(), kept), di.ErrClosed)
	_, err := kept.(di.Finder).Has(ordersKey)
	problem(t, err, di.ErrClosed)
	_, err = di.All[*db](t.Context(), kept)
	problem(t, err, di.ErrClosed)
	problem(t, di.Invoke(t.Context(), c.Unit("late", ordersKey), resolve), di.ErrUndeclared)
}

func TestUnitIsChecked(t *testing.T) {
	c := container.New()
	c.Unit("import", dbKey)
	p := c.Module("shop", nil, nil).Provider("worker")
	p.Unit(ordersKey)
	err := c.Freeze()
	problem(t, err, di.ErrMissing, `unit "import": needs *container_test.db: not registered`)
	problem(t, err, di.ErrMissing, `module "shop", provider "worker": needs *container_test.orders: not registered`)
}

// A unit sees what its module sees.
func TestUnitOfAProvider(t *testing.T) {
	c := container.New()
	m := c.Module("shop", nil, nil)
	must(t, di.Scoped(m, func(context.Context, di.Resolver) (*db, error) { return &db{"own"}, nil }))
	u := m.Provider("worker").Unit(dbKey)
	must(t, c.Freeze())
	must(t, di.Invoke(t.Context(), u, func(ctx context.Context, r di.Resolver) error {
		d, err := di.Get[*db](ctx, r)
		if err == nil && d.name != "own" {
			t.Errorf("got %v", d)
		}
		return err
	}))
	err := di.Invoke(t.Context(), c, func(ctx context.Context, r di.Resolver) error { _, err := r.Resolve(ctx, dbKey); return err })
	problem(t, err, di.ErrHidden)
}
