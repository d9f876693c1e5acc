package container_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// A cacheless is built with a db or without one.
type cacheless struct {
	db    *db
	found bool
}

func newCacheless(ctx context.Context, r di.Resolver) (*cacheless, error) {
	d, found, err := di.Maybe[*db](ctx, r)
	return &cacheless{d, found}, err
}

var maybeDB = di.Optional(dbKey)

func TestOptionalNeedOfAModule(t *testing.T) {
	for name, c := range map[string]struct {
		set   func(c *container.Container) error
		found bool
	}{
		"absent":  {func(*container.Container) error { return nil }, false},
		"present": {func(c *container.Container) error { return di.Value(c.Module("sql", keys(dbKey), nil), &db{}) }, true},
		"another module's own": {func(c *container.Container) error {
			return di.Value(c.Module("sql", nil, nil), &db{})
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			box := container.New()
			m := box.Module("shop", keys(di.KeyOf[*cacheless]()), keys(maybeDB))
			must(t, c.set(box), di.Singleton(m, newCacheless, di.Needs(maybeDB)), box.Freeze())
			got, err := di.Get[*cacheless](t.Context(), box)
			if err != nil || got.found != c.found || (got.db != nil) != c.found {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// A module that forgot to declare it must not silently go without.
func TestOptionalNeedThatTheModuleDoesNotName(t *testing.T) {
	c := container.New()
	must(t, di.Value(c.Module("sql", keys(dbKey), nil), &db{}),
		di.Singleton(c.Module("shop", nil, nil), newCacheless, di.Needs(maybeDB)))
	problem(t, c.Freeze(), di.ErrUndeclared, `module "sql"`, `the Needs of module "shop"`)
}

func TestOptionalIsNoExcuse(t *testing.T) {
	c := container.New()
	must(t, di.Singleton(c, newOrders, di.Needs(maybeDB, dbKey)))
	problem(t, c.Freeze(), di.ErrMissing, "*container_test.orders -> *container_test.db: not registered")

	c = container.New()
	must(t, di.Singleton(c, newOrders, di.Needs(maybeDB)), c.Freeze())
	_, err := c.Resolve(t.Context(), ordersKey) // by Get, which wants one
	problem(t, err, di.ErrMissing, "optional need of *container_test.orders", "di.Maybe")
}

func TestHasSeesWhatTheCallerSees(t *testing.T) {
	c := container.New()
	m := c.Module("sql", nil, nil)
	must(t, di.Value(m, &db{}))
	u := m.Provider("p").Consumer(dbKey, di.Optional(ordersKey))
	must(t, c.Freeze())
	_, err := c.Has(dbKey)
	problem(t, err, di.ErrHidden, `module "sql"`)
	if ok, err := u.Has(dbKey); !ok || err != nil {
		t.Errorf("its own module: %v, %v", ok, err)
	}
	if ok, err := u.Has(ordersKey); ok || err != nil {
		t.Errorf("absent: %v, %v", ok, err)
	}
	_, err = u.Has(di.KeyOf[int]())
	problem(t, err, di.ErrUndeclared)
	for _, k := range keys(di.KeyOf[*db]("*"), di.Key{}) {
		if ok, err := c.Has(k); ok || err != nil {
			t.Errorf("of %#v: %v, %v", k, ok, err)
		}
	}
	s := c.NewScope()
	must(t, s.Close(t.Context()))
	_, err = s.(di.Finder).Has(dbKey)
	problem(t, err, di.ErrClosed)
	must(t, c.Close(t.Context()))
	_, err = u.Has(dbKey)
	problem(t, err, di.ErrClosed)
}
