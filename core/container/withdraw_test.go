package container_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

var errDown = errors.New("down")

func TestWithdraw(t *testing.T) {
	c := container.New()
	released := 0
	m := c.Module("sql", keys(dbKey), nil)
	app := c.Module("app", keys(ordersKey, di.KeyOf[*cacheless]()), keys(dbKey))
	must(t,
		di.Singleton(m.Provider("pool"), func(context.Context, di.Resolver) (*db, error) { return &db{}, nil },
			di.Closed(func(context.Context, *db) error { released++; return nil })),
		di.Singleton(app, newOrders, di.Needs(dbKey)),
		di.Transient(app, newOrders, di.Needs(dbKey), di.Named("each")),
		di.Scoped(app, newOrders, di.Needs(dbKey), di.Named("scoped")),
		di.Singleton(app, newCacheless, di.Needs(maybeDB)),
		di.Value(app, 7), di.Value(app, 8, di.Named("eight")), c.Freeze())
	if _, err := c.Resolve(t.Context(), ordersKey); err != nil {
		t.Fatal(err)
	}
	if gone := c.Withdraw(errDown, func(container.Node) bool { return false }); len(gone) != 0 {
		t.Errorf("withdrawn: %v", gone)
	}
	gone := c.Withdraw(errDown, pool)
	if len(gone) != 4 || gone[0].Key != dbKey || gone[0].Provider != "pool" || !gone[0].Exported || gone[3].Module != "app" {
		t.Errorf("withdrawn: %v", gone)
	}
	if again := c.Withdraw(errors.New("again"), pool); len(again) != 0 {
		t.Errorf("withdrawn again: %v", again)
	}
	_, err := c.Resolve(t.Context(), dbKey)
	problem(t, err, errDown, `di: build *container_test.db (module "sql", provider "pool"): down`)
	_, err = c.Resolve(t.Context(), ordersKey)
	problem(t, err, errDown, `*container_test.orders (module "app"): build *container_test.db`)
	if all, err := di.All[*db](t.Context(), c); err != nil || len(all) != 0 {
		t.Errorf("collected %v, %v", all, err)
	}
	if all, err := c.CollectPrivate(t.Context(), dbKey.Type); err != nil || len(all) != 0 {
		t.Errorf("collected %v, %v", all, err)
	}
	if m, err := di.Get[*cacheless](t.Context(), c); err != nil || m.found {
		t.Errorf("an optional need finds %v, %v", m, err)
	}
	problem(t, di.Bind(c, &db{}), errDown)
	s := c.NewScope()
	_, err = s.Resolve(t.Context(), ordersKey)
	problem(t, err, errDown)
	must(t, c.Build(t.Context()), s.Close(t.Context()), c.Close(t.Context()))
	if released != 1 {
		t.Errorf("what was built before is released %d times", released)
	}
	c.Withdraw(errDown, pool) // of a closed container
}

func pool(s container.Node) bool { return s.Module == "sql" && s.Provider == "pool" }

// Who waits for a build when its provider is withdrawn gets the error, and the
// value is released when the container closes.
func TestWithdrawWhileBuilding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := container.New()
		var released []string
		must(t, di.Singleton(c.Module("sql", keys(dbKey), nil).Provider("pool"), stubborn,
			di.Closed(func(context.Context, *db) error { released = append(released, "db"); return nil })), c.Freeze())
		done := make(chan error)
		go func() {
			_, err := c.Resolve(t.Context(), dbKey)
			done <- err
		}()
		time.Sleep(time.Second)
		c.Withdraw(errDown, pool)
		problem(t, <-done, errDown)
		must(t, c.Close(t.Context()))
		if len(released) != 1 {
			t.Errorf("released %v", released)
		}
	})
}

// A server shuts down by itself.
type server struct{ stopped *[]string }

func (s *server) Shutdown(context.Context) error {
	*s.stopped = append(*s.stopped, "server")
	return errDown
}

// An uncomparable is a server that cannot be compared.
type uncomparable struct {
	server
	_ []int
}

func (u uncomparable) Shutdown(ctx context.Context) error { return u.server.Shutdown(ctx) }

func TestCloseEach(t *testing.T) {
	var stopped []string
	key := di.KeyOf[*server]()
	alias := func(ctx context.Context, r di.Resolver) (*server, error) { return di.Get[*server](ctx, r) }
	c := container.New()
	m := c.Module("web", nil, nil).Provider("http")
	must(t,
		di.Singleton(m, func(context.Context, di.Resolver) (*server, error) { return &server{&stopped}, nil }),
		di.Singleton(m, alias, di.Named("alias"), di.Needs(key)),
		di.Singleton(m, func(context.Context, di.Resolver) (uncomparable, error) {
			return uncomparable{server: server{&stopped}}, nil
		}),
		di.Singleton(m, func(context.Context, di.Resolver) (*db, error) { return &db{}, nil },
			di.Closed(func(context.Context, *db) error { return nil })),
		di.Transient(m, func(context.Context, di.Resolver) (*server, error) { return &server{&stopped}, nil }, di.Named("each")),
		c.Freeze(), c.Build(t.Context()))
	var seen []bool
	err := c.CloseEach(t.Context(), 0, func(r container.Release) error {
		seen = append(seen, r.ByItself)
		if r.Module != "web" || r.Provider != "http" || r.Value == nil || r.Key.Type == nil {
			t.Errorf("got %+v", r)
		}
		return r.Do(t.Context())
	})
	problem(t, err, errDown, `di: close *container_test.server (module "web"): down`)
	if len(stopped) != 2 || len(seen) != 3 || seen[0] || !seen[1] || !seen[2] {
		t.Errorf("stopped %v, by itself %v", stopped, seen)
	}
}
