package container_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// In a shelter a Build runs in the goroutine that asks, until the shelter ends.
func TestShelter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, sheltered := range []bool{true, false} {
			c := container.New()
			must(t, di.Singleton(c, stubborn), c.Freeze())
			s := container.NewShelter(ctx)
			if !sheltered {
				s.End()
			}
			began := time.Now()
			_, err := c.Resolve(s, dbKey)
			if took := time.Since(began); sheltered != (took == time.Minute) || sheltered != (err == nil) {
				t.Errorf("sheltered %v: took %v: %v", sheltered, took, err)
			}
			ctx = context.WithoutCancel(ctx)
			ctx, cancel = context.WithTimeout(ctx, time.Second)
			defer cancel()
			must(t, c.Close(t.Context()))
		}
	})
}

// What is built in a shelter ends with the one who asked, unless others wait.
func TestShelteredBuildEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, others := range []bool{false, true} {
			c := container.New()
			must(t, di.Singleton(c, slow), c.Freeze())
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			outcome := make(chan error, 1)
			if others {
				go func() {
					time.Sleep(time.Millisecond)
					_, err := c.Resolve(t.Context(), dbKey)
					outcome <- err
				}()
			}
			_, err := c.Resolve(container.NewShelter(ctx), dbKey)
			if others != (err == nil) {
				t.Errorf("others wait: %v: %v", others, err)
			}
			if others {
				must(t, <-outcome)
			}
		}
	})
}

// The context of a Build has its caller's values, no deadline, and an end of its own.
func TestBuildContext(t *testing.T) {
	type key struct{}
	var kept context.Context
	c := container.New()
	must(t, di.Singleton(c, func(ctx context.Context, _ di.Resolver) (*db, error) {
		kept = ctx
		if _, ok := ctx.Deadline(); ok || ctx.Err() != nil || ctx.Value(key{}) != "value" {
			t.Errorf("got %v, %v", ctx.Err(), ctx.Value(key{}))
		}
		child, cancel := context.WithCancelCause(ctx)
		cancel(errors.New("own"))
		if context.Cause(child).Error() != "own" || context.Cause(ctx) != nil {
			t.Errorf("the causes are %v and %v", context.Cause(child), context.Cause(ctx))
		}
		return &db{}, nil
	}), c.Freeze())
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "value"), time.Hour)
	defer cancel()
	_, err := c.Resolve(container.NewShelter(ctx), dbKey)
	must(t, err)
	select {
	case <-kept.Done():
	default:
		t.Error("the context outlives its Build")
	}
	if !errors.Is(kept.Err(), context.Canceled) {
		t.Errorf("got %v", kept.Err())
	}
}

func TestReach(t *testing.T) {
	c := container.New()
	intKey, stringKey := di.KeyOf[int](), di.KeyOf[string]()
	sql := c.Module("sql", keys(dbKey), keys(intKey))
	shop := c.Module("shop", keys(ordersKey), keys(dbKey, di.Optional(stringKey)))
	other := c.Module("other", keys(intKey, stringKey), nil)
	u := shop.Provider("shop").Consumer(ordersKey, di.Optional(stringKey), di.KeyOf[*orders]("*"))
	early := false
	u.Reach(func(container.Reach) { early = true })
	must(t,
		di.Singleton(sql.Provider("pool"), func(context.Context, di.Resolver) (*db, error) { return &db{}, nil }, di.Needs(intKey)),
		di.Singleton(shop.Provider("shop"), newOrders, di.Needs(dbKey)),
		di.Value(other.Provider("numbers"), 7), di.Value(other.Provider("words"), "x"))
	if c.Built() || c.Offers(dbKey.Type) {
		t.Error("built before it is frozen")
	}
	must(t, c.Freeze())
	got := map[container.Reach]bool{}
	u.Reach(func(r container.Reach) { got[r] = true })
	want := map[container.Reach]bool{
		{Module: "shop", Provider: "shop", Hard: true}: true, {Module: "sql", Provider: "pool", Hard: true}: true,
		{Module: "other", Provider: "numbers", Hard: true}: true, {Module: "other", Provider: "words"}: true,
	}
	if early || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	if c.Built() || !c.Offers(dbKey.Type) || c.Offers(reflect.TypeFor[error]()) {
		t.Error("it is not built, and offers what it has")
	}
	must(t, c.Build(t.Context()))
	if !c.Built() {
		t.Error("it is built")
	}
	must(t, c.Close(t.Context()))
	u.Reach(func(container.Reach) { t.Error("after Close") })
}
