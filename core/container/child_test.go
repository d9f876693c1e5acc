package container_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/di/ditest"
	"github.com/lexigram/lexigram-go/core/container"
)

// A child of an empty container is a container.
func TestChildConformance(t *testing.T) {
	ditest.Run(t, func(t *testing.T) di.Container {
		parent := container.New()
		must(t, parent.Freeze())
		t.Cleanup(func() { must(t, parent.Close(context.Background())) })
		return parent.Child()
	})
}

func TestChildSeesAndShadows(t *testing.T) {
	parent := container.New()
	sql := parent.Module("sql", keys(dbKey), nil)
	must(t, di.Value(sql, &db{"parent"}), di.Value(sql, &db{"private"}, di.Named("private")),
		di.Singleton(parent, newOrders, di.Needs(dbKey)), parent.Freeze())

	seeing, shadowing := parent.Child(), parent.Child()
	must(t, di.Singleton(seeing.Module("shop", keys(di.KeyOf[*orders]("shop")), keys(dbKey)), newOrders, di.Named("shop"), di.Needs(dbKey)), seeing.Freeze())
	must(t, di.Value(shadowing, &db{"child"}), di.Singleton(shadowing, newOrders, di.Named("own"), di.Needs(dbKey)), shadowing.Freeze())

	ctx := t.Context()
	of := func(r di.Resolver, name ...string) string {
		o, err := di.Get[*orders](ctx, r, name...)
		must(t, err)
		return o.db.name
	}
	if got := of(seeing, "shop"); got != "parent" {
		t.Errorf("the child's need is the %s's", got)
	}
	if got := of(shadowing, "own"); got != "child" {
		t.Errorf("the shadowed need is the %s's", got)
	}
	if got := of(shadowing); got != "parent" {
		t.Errorf("what the parent registered is built of what the %s has", got)
	}
	p, _ := di.Get[*orders](ctx, parent)
	if c, err := di.Get[*orders](ctx, seeing); c != p || err != nil {
		t.Errorf("the parent's singleton is another one in the child: %v", err)
	}
	_, err := di.Get[*db](ctx, seeing, "private")
	problem(t, err, di.ErrHidden, `module "sql"`)
	_, err = parent.Resolve(ctx, di.KeyOf[*orders]("own"))
	problem(t, err, di.ErrMissing)
	problem(t, di.Bind(seeing, &db{}), di.ErrMissing, "bind it there")
}

func TestFreezeOfAChild(t *testing.T) {
	parent := container.New()
	must(t, di.Scoped(parent, slow), di.Transient(parent, newOrders, di.Needs(dbKey)))
	child := parent.Child()
	problem(t, child.Freeze(), di.ErrNotFrozen, "child")
	must(t, parent.Freeze())
	must(t, di.Singleton(child, func(context.Context, di.Resolver) (int, error) { return 1, nil },
		di.Needs(ordersKey, di.KeyOf[*db]("absent"))))
	err := child.Freeze()
	problem(t, err, di.ErrScope, "int -> *container_test.orders -> *container_test.db")
	problem(t, err, di.ErrMissing, "did you mean *container_test.db?")
	must(t, parent.Close(t.Context()))
	problem(t, child.Freeze(), di.ErrClosed)
}

func TestScopeOfAChild(t *testing.T) {
	parent := container.New()
	must(t, di.Scoped(parent, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }), parent.Freeze())
	child := parent.Child()
	must(t, di.Scoped(child, newOrders, di.Needs(dbKey)), di.Scoped(child, newOrders, di.Named("b"), di.Needs(dbKey)), child.Freeze())
	s := child.NewScope()
	o, e1 := di.Get[*orders](t.Context(), s)
	b, e2 := di.Get[*orders](t.Context(), s, "b")
	d, e3 := di.Get[*db](t.Context(), s)
	must(t, e1, e2, e3, s.Close(t.Context()))
	if o.db != d || b.db != d || o == b {
		t.Error("the scope has two values of one service, or one of two")
	}
}

func TestCollectOfAChild(t *testing.T) {
	parent := container.New()
	m := parent.Module("m", keys(di.KeyOf[*db]("c"), di.KeyOf[*db]("a")), nil)
	m.Contribute(di.KeyOf[*db]("d"))
	must(t, di.Value(m, &db{"parent c"}, di.Named("c")), di.Value(m, &db{"parent a"}, di.Named("a")),
		di.Value(m, &db{"parent d"}, di.Named("d")), di.Value(m, &db{"private"}, di.Named("p")), parent.Freeze())
	child := parent.Child()
	must(t, di.Value(child, &db{"child b"}, di.Named("b")), di.Value(child, &db{"child c"}, di.Named("c")),
		di.Value(child, &db{"child d"}, di.Named("d")), child.Freeze())
	found, err := di.All[*db](t.Context(), child)
	var names []string
	for _, d := range found {
		names = append(names, d.name)
	}
	// By name; the child's own shadows c, and d of both counts, as contributions do.
	if want := []string{"parent a", "child b", "child c", "parent d", "child d"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("got %q, %v, want %q", names, err, want)
	}
	if own, err := child.CollectPrivate(t.Context(), dbKey.Type); err != nil || len(own) != 3 {
		t.Errorf("CollectPrivate = %v, %v", own, err)
	}
}

func TestCloseOfParentAndChild(t *testing.T) {
	var closed []string
	noting := func(r di.Registrar, name string, err error) error {
		return di.Value(r, &db{name}, di.Closed(func(context.Context, *db) error { closed = append(closed, name); return err }))
	}
	failed := errors.New("failed")
	parent := container.New()
	must(t, noting(parent, "parent", nil), parent.Freeze())
	var children []*container.Container
	for _, name := range []string{"first", "second", "third"} {
		c := parent.Child()
		must(t, noting(c, name, failed), c.Freeze(), c.Build(t.Context()))
		children = append(children, c)
	}
	grandchild := children[2].Child()
	must(t, noting(grandchild, "grandchild", nil), grandchild.Freeze(), grandchild.Build(t.Context()), parent.Build(t.Context()))

	if err := children[1].Close(t.Context()); !errors.Is(err, failed) {
		t.Error(err)
	}
	if _, err := di.Get[*db](t.Context(), parent); err != nil {
		t.Errorf("closing a child closed the parent: %v", err)
	}
	err := parent.Close(t.Context())
	problem(t, err, failed, "close *container_test.db")
	if want := []string{"second", "grandchild", "third", "first", "parent"}; !slices.Equal(closed, want) {
		t.Errorf("closed %q, want %q", closed, want)
	}
	if again := parent.Close(t.Context()); again == nil || again.Error() != err.Error() {
		t.Errorf("the second Close = %v", again)
	}
	_, err = di.Get[*db](t.Context(), children[0])
	problem(t, err, di.ErrClosed)
}

// A Build of a child that runs when the parent closes has what it needs, or is refused.
func TestCloseOfParentWaitsForTheChild(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent := container.New()
		must(t, di.Value(parent, &db{}), parent.Freeze(), parent.Build(t.Context()))
		child := parent.Child()
		closed := false
		must(t, di.Singleton(child, func(ctx context.Context, r di.Resolver) (*orders, error) {
			time.Sleep(time.Minute)
			return newOrders(ctx, r)
		}, di.Needs(dbKey), di.Closed(func(context.Context, *orders) error { closed = true; return nil })), child.Freeze())
		done := make(chan error, 1)
		go func() { _, err := child.Resolve(t.Context(), ordersKey); done <- err }()
		synctest.Wait()
		began := time.Now()
		must(t, parent.Close(t.Context()))
		err := <-done
		if time.Since(began) != time.Minute || errors.Is(err, di.ErrClosed) == closed {
			t.Errorf("took %v, %v, closed = %v", time.Since(began), err, closed)
		}
	})
}

// Whoever opens a child for each tenant and closes it leaves nothing behind.
func TestClosedChildIsForgotten(t *testing.T) {
	parent := container.New()
	must(t, parent.Freeze())
	var closed int
	for range 100 {
		c := parent.Child()
		must(t, di.Value(c, &db{}, di.Closed(func(context.Context, *db) error { closed++; return nil })), c.Freeze(), c.Build(t.Context()), c.Close(t.Context()))
	}
	if n := parent.Children(); n != 0 || closed != 100 {
		t.Errorf("%d children are left, %d were closed", n, closed)
	}
}
