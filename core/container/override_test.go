package container_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

func TestOverride(t *testing.T) {
	c := container.New()
	must(t,
		di.Value(c.Override("sql"), &db{"fake"}), // before the module is there
		di.Value(c.Override(""), "fake"))
	sql := c.Module("sql", keys(ordersKey), nil)
	other := c.Module("other", keys(di.KeyOf[*orders]("other")), nil)
	unbuilt := func(context.Context, di.Resolver) (*db, error) { panic("built what is overridden") }
	must(t,
		di.Singleton(sql.Provider("p"), unbuilt, di.Closed(func(context.Context, *db) error { panic("closed what is overridden") })),
		di.Singleton(sql, newOrders, di.Needs(dbKey)),
		di.Value(other, &db{"of the other"}), di.Singleton(other, newOrders, di.Named("other"), di.Needs(dbKey)),
		di.Value(c, "real"),
		c.Freeze(), c.Build(t.Context()))
	o, e1 := di.Get[*orders](t.Context(), c)
	b, e2 := di.Get[*orders](t.Context(), c, "other")
	s, e3 := di.Get[string](t.Context(), c)
	must(t, e1, e2, e3)
	if o.db.name != "fake" || b.db.name != "of the other" || s != "fake" {
		t.Errorf("got %q, %q and %q", o.db.name, b.db.name, s)
	}
	if n := c.Graph().Nodes[0]; n.Key != dbKey || n.Module != "sql" || n.Provider != "p" {
		t.Errorf("the override is not in the place of what it replaces: %+v", n)
	}
	must(t, c.Close(t.Context()))
}

func TestOverrideThatReplacesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(c *container.Container) error
		is   error
		says []string
	}{
		"no module":  {func(c *container.Container) error { c.Module("sql", nil, nil); return nil }, di.ErrMissing, []string{`module "db"`, "no such module", `"sql"`}},
		"no service": {func(c *container.Container) error { return di.Value(c.Module("db", nil, nil), &db{}, di.Named("main")) }, di.ErrMissing, []string{`module "db"`, `did you mean *container_test.db "main"?`}},
		"of another module": {func(c *container.Container) error {
			c.Module("db", nil, keys(dbKey))
			return di.Value(c.Module("sql", keys(dbKey), nil), &db{})
		}, di.ErrMissing, []string{"does not register it"}},
		"replaced": {func(c *container.Container) error {
			must(t, di.Value(c.Module("db", keys(dbKey), nil), &db{}))
			return di.Value(c.Module("sql", keys(dbKey), nil), &db{}, di.Replaces())
		}, di.ErrMissing, []string{`module "sql" replaced it`}},
		"twice": {func(c *container.Container) error {
			must(t, di.Value(c.Override("db"), &db{}))
			return di.Value(c.Module("db", nil, nil), &db{})
		}, di.ErrDuplicate, []string{"there is one already"}},
		"scoped under a singleton": {func(c *container.Container) error {
			m := c.Module("db", nil, nil)
			must(t, di.Scoped(c.Override("db"), newOrders, di.Needs(dbKey)))
			must(t, di.Singleton(m, newOrders), di.Singleton(m, func(context.Context, di.Resolver) (int, error) { return 0, nil }, di.Needs(ordersKey)))
			return di.Value(m, &db{})
		}, di.ErrScope, []string{"int -> *container_test.orders"}},
	} {
		t.Run(name, func(t *testing.T) {
			box := container.New()
			must(t, di.Value(box.Override("db"), &db{}), c.set(box))
			problem(t, box.Freeze(), c.is, c.says...)
		})
	}
}

func TestOverrideIsChecked(t *testing.T) {
	c := container.New()
	problem(t, c.Override("").Register(di.Registration{}), di.Err)
	must(t, c.Freeze())
	problem(t, di.Value(c.Override(""), 1), di.ErrFrozen)
	must(t, c.Close(t.Context()))
	problem(t, di.Value(c.Override(""), 1), di.ErrClosed)
}

func TestVerifyFreezesNothing(t *testing.T) {
	c := container.New()
	must(t, di.Singleton(c, newOrders, di.Needs(dbKey)))
	problem(t, c.Verify(), di.ErrMissing)
	must(t, di.Value(c, &db{}), c.Verify())
	_, err := c.Resolve(t.Context(), ordersKey)
	problem(t, err, di.ErrNotFrozen)
	must(t, di.Value(c, 1), c.Freeze(), c.Verify(), c.Close(t.Context()))
	problem(t, c.Verify(), di.ErrClosed)
}
