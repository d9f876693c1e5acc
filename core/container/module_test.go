package container_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

type (
	db     struct{ name string }
	orders struct{ db *db }
)

var (
	dbKey     = di.KeyOf[*db]()
	ordersKey = di.KeyOf[*orders]()
)

func keys(ks ...di.Key) []di.Key { return ks }

func newBool(context.Context, di.Resolver) (bool, error) { return true, nil }

func newOrders(ctx context.Context, r di.Resolver) (*orders, error) {
	d, err := di.Get[*db](ctx, r)
	return &orders{d}, err
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// problem fails unless err is the sentinel and says every text.
func problem(t *testing.T, err, sentinel error, texts ...string) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Errorf("got %v, want an error that is %v", err, sentinel)
		return
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got %q, which does not say %q", err, text)
		}
	}
}

func TestModulesKeepPrivateServices(t *testing.T) {
	c := container.New()
	a := c.Module("a", keys(di.KeyOf[*orders]("a")), nil)
	b := c.Module("b", keys(di.KeyOf[*orders]("b")), nil)
	must(t,
		di.Value(a, &db{"of a"}), di.Singleton(a, newOrders, di.Named("a"), di.Needs(dbKey)),
		di.Value(b, &db{"of b"}), di.Singleton(b, newOrders, di.Named("b"), di.Needs(dbKey)),
		c.Freeze())
	for _, name := range []string{"a", "b"} {
		o, err := di.Get[*orders](t.Context(), c, name)
		if err != nil || o.db.name != "of "+name {
			t.Errorf("orders of %s: %v, %v", name, o, err)
		}
	}
	_, err := c.Resolve(t.Context(), dbKey)
	problem(t, err, di.ErrHidden, "the application", `module "a" and module "b"`, "*container_test.db")
	if kept, err := c.Collect(t.Context(), dbKey.Type); err != nil || len(kept) != 0 {
		t.Errorf("Collect = %v, %v, want nothing", kept, err)
	}
	if all, err := c.CollectPrivate(t.Context(), dbKey.Type); err != nil || len(all) != 2 {
		t.Errorf("CollectPrivate = %v, %v, want both", all, err)
	}
}

func TestHiddenNamesBothModules(t *testing.T) {
	c := container.New()
	must(t, di.Value(c.Module("sql", nil, nil), &db{}))
	must(t, di.Singleton(c.Module("shop", keys(ordersKey), keys(dbKey)), newOrders, di.Needs(dbKey)))
	problem(t, c.Freeze(), di.ErrHidden, `module "sql"`, `module "shop"`, "*container_test.orders -> *container_test.db", "Exports")
}

func TestHiddenAtRuntime(t *testing.T) {
	c := container.New()
	must(t, di.Value(c.Module("sql", nil, nil), &db{}))
	must(t, di.Singleton(c.Module("shop", keys(ordersKey), nil), newOrders), c.Freeze())
	_, err := c.Resolve(t.Context(), ordersKey)
	problem(t, err, di.ErrHidden, `module "sql"`, `module "shop"`)
}

func TestNeedsOfModules(t *testing.T) {
	c := container.New()
	must(t, di.Value(c.Module("sql", keys(dbKey), nil), &db{}))
	must(t, di.Singleton(c.Module("shop", keys(ordersKey), nil), newOrders, di.Needs(dbKey)))
	problem(t, c.Freeze(), di.ErrUndeclared, `module "sql"`, `the Needs of module "shop"`)
}

func TestFreezeReportsModules(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(c *container.Container) error
		is   error
		says []string
	}{
		"export of nothing": {func(c *container.Container) error {
			return di.Value(c.Module("sql", keys(di.KeyOf[*db]("main")), nil), &db{})
		}, di.ErrMissing, []string{`module "sql"`, `exports *container_test.db "main"`, "did you mean *container_test.db?"}},
		"need of nothing": {func(c *container.Container) error {
			c.Module("shop", nil, keys(dbKey))
			return nil
		}, di.ErrMissing, []string{`module "shop"`, "needs *container_test.db: not registered"}},
		"two exports": {func(c *container.Container) error {
			return errors.Join(di.Value(c.Module("a", keys(dbKey), nil), &db{}), di.Value(c.Module("b", keys(dbKey), nil), &db{}))
		}, di.ErrDuplicate, []string{`module "a"`, `module "b"`, "Replace"}},
		"twice in a module": {func(c *container.Container) error {
			m := c.Module("a", nil, nil)
			return errors.Join(di.Value(m.Provider("p"), &db{}), di.Value(m.Provider("q"), &db{}))
		}, di.ErrDuplicate, []string{`provider "p"`, `provider "q"`}},
		"two modules of a name": {func(c *container.Container) error {
			c.Module("a", nil, nil)
			c.Module("a", nil, nil)
			return nil
		}, di.ErrDuplicate, []string{`module "a"`}},
		"another name": {func(c *container.Container) error {
			return errors.Join(di.Value(c, &db{}, di.Named("main")), di.Singleton(c, newOrders, di.Needs(dbKey)))
		}, di.ErrMissing, []string{`did you mean *container_test.db "main"?`}},
		"an implementer": {func(c *container.Container) error {
			return errors.Join(di.Value(c, &strings.Reader{}), di.Singleton(c, newOrders, di.Needs(di.KeyOf[io.Reader]())))
		}, di.ErrMissing, []string{"did you mean *strings.Reader?"}},
		"an interface": {func(c *container.Container) error {
			return errors.Join(di.Value[io.Reader](c, &strings.Reader{}), di.Singleton(c, newOrders, di.Needs(di.KeyOf[*strings.Reader]())))
		}, di.ErrMissing, []string{"did you mean io.Reader?"}},
		"a pointer": {func(c *container.Container) error {
			return errors.Join(di.Value(c, &db{}), di.Singleton(c, newOrders, di.Needs(di.KeyOf[db]())))
		}, di.ErrMissing, []string{"did you mean *container_test.db?"}},
		"a need without a type": {func(c *container.Container) error {
			c.Module("a", nil, keys(di.Key{}))
			return nil
		}, di.Err, []string{"without a type"}},
		"a consumer": {func(c *container.Container) error {
			c.Module("a", nil, keys(dbKey)).Provider("p").Consumer(dbKey)
			return nil
		}, di.ErrMissing, []string{`module "a", provider "p"`}},
		"a scoped need of a consumer": {func(c *container.Container) error {
			p := c.Module("a", nil, nil).Provider("p")
			p.Consumer(dbKey)
			return di.Scoped(p, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil })
		}, di.ErrScope, []string{`provider "p"`, "scope"}},
		"a collection that is not declared": {func(c *container.Container) error {
			c.Module("a", nil, nil).Provider("p").Consumer(di.KeyOf[*db]("*"))
			return nil
		}, di.ErrUndeclared, []string{`module "a"`, "Needs"}},
	} {
		t.Run(name, func(t *testing.T) {
			box := container.New()
			must(t, c.set(box))
			problem(t, box.Freeze(), c.is, c.says...)
		})
	}
}

func TestCyclePath(t *testing.T) {
	c := container.New()
	none := func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }
	named := func(name string) di.Key { return di.KeyOf[*db](name) }
	must(t,
		di.Singleton(c, none, di.Named("a"), di.Needs(named("b"))),
		di.Singleton(c, none, di.Named("b"), di.Needs(named("c"))),
		di.Singleton(c, none, di.Named("c"), di.Needs(named("b"))))
	err := c.Freeze()
	problem(t, err, di.ErrCycle, `*container_test.db "b" -> *container_test.db "c" -> *container_test.db "b"`)
	p, ok := errors.AsType[*container.Problem](err)
	if !ok || len(p.Path) != 3 || p.Path[0] != named("b") {
		t.Errorf("got %#v, want a Problem with the path", err)
	}
}

func TestReplaceAcrossModules(t *testing.T) {
	c := container.New()
	replace := func(r *di.Registration) { r.Replace = true }
	must(t,
		di.Value(c.Module("sql", keys(dbKey), nil), &db{"real"}),
		di.Value(c.Module("fake", keys(dbKey), nil), &db{"fake"}, replace),
		di.Singleton(c.Module("shop", keys(ordersKey), keys(dbKey)), newOrders, di.Needs(dbKey)),
		c.Freeze())
	o, err := di.Get[*orders](t.Context(), c)
	if err != nil || o.db.name != "fake" {
		t.Errorf("got %v, %v", o, err)
	}
}

func TestCollectSeesWhatIsExported(t *testing.T) {
	c := container.New()
	all := di.KeyOf[*db]("*")
	list := func(ctx context.Context, r di.Resolver) ([]*db, error) { return di.All[*db](ctx, r) }
	a := c.Module("a", keys(di.KeyOf[*db]("a")), nil)
	b := c.Module("b", keys(di.KeyOf[[]*db]()), keys(all))
	must(t,
		di.Value(a, &db{"a"}, di.Named("a")), di.Value(a, &db{"private"}, di.Named("private")),
		di.Value(b, &db{"own"}, di.Named("own")), di.Singleton(b, list, di.Needs(all)), c.Freeze())
	got, err := di.Get[[]*db](t.Context(), c)
	if err != nil || len(got) != 2 || got[0].name != "a" || got[1].name != "own" {
		t.Errorf("collected %v, %v, want a and own", got, err)
	}
}

func TestContribute(t *testing.T) {
	contribution := di.KeyOf[*db]("rows")
	c := container.New()
	for _, name := range []string{"a", "b"} {
		m := c.Module(name, nil, nil)
		m.Contribute(contribution)
		must(t, di.Value(m, &db{name}, di.Named("rows")), di.Value(m, &db{"private"}))
	}
	u := c.Module("all", nil, keys(di.KeyOf[*db]("*"))).Provider("all").Consumer(di.KeyOf[*db]("*"))
	must(t, c.Freeze())
	found, err := di.All[*db](t.Context(), u)
	must(t, err)
	if len(found) != 2 || found[0].name != "a" || found[1].name != "b" {
		t.Errorf("collected %v", found)
	}
	_, err = di.Get[*db](t.Context(), c, "rows")
	problem(t, err, di.ErrHidden)

	c = container.New()
	c.Module("a", nil, nil).Contribute(contribution)
	problem(t, c.Freeze(), di.ErrMissing, `module "a": contributes *container_test.db "rows", which none of its providers registers`)
}

func TestConsumer(t *testing.T) {
	c := container.New()
	p := c.Module("a", nil, nil).Provider("p")
	must(t, di.Value(p, &db{}), di.Singleton(p, newOrders, di.Needs(dbKey)))
	u := p.Consumer(dbKey)
	_, err := u.Resolve(t.Context(), dbKey)
	problem(t, err, di.ErrNotFrozen)
	must(t, c.Freeze())
	if _, err := di.Get[*db](t.Context(), u); err != nil {
		t.Error(err)
	}
	_, err = u.Resolve(t.Context(), ordersKey)
	problem(t, err, di.ErrUndeclared, "provider p", `module "a"`)
	_, err = di.All[*db](t.Context(), u)
	problem(t, err, di.ErrUndeclared)
	_, err = p.Consumer(dbKey).Resolve(t.Context(), dbKey)
	problem(t, err, di.ErrUndeclared) // declared after Freeze
}

func TestGraph(t *testing.T) {
	c := container.New()
	p := c.Module("sql", keys(dbKey), nil).Provider("sqlite")
	shop := c.Module("shop", keys(ordersKey), keys(dbKey)).Provider("shop")
	must(t, di.Value(p, &db{}), di.Singleton(shop, newOrders, di.Needs(dbKey)))
	shop.Consumer(ordersKey)
	if s := c.String(); s != "" {
		t.Errorf("before Freeze: %q", s)
	}
	must(t, c.Freeze())
	want := `module sql
  *container_test.db singleton by sqlite
module shop
  *container_test.orders singleton by shop <- *container_test.db
  boot of shop <- *container_test.orders
`
	if got := c.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	dot := c.Graph().DOT()
	for _, line := range []string{"digraph services {", `label="module sql"`, "n1 -> n0;", "n2 -> n1;"} {
		if !strings.Contains(dot, line) {
			t.Errorf("DOT lacks %q:\n%s", line, dot)
		}
	}
}
