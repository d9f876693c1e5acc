package loading_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// TestTenantsShareNoLoad has two tenants ask for one key at the same time, over
// a store that keeps their entries apart as tenantcache does.
func TestTenantsShareNoLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[string](t, newStore(), loading.Options{})
		load := func(ctx context.Context, _ string) (string, error) {
			time.Sleep(time.Second)
			id, err := tenancy.From(ctx)
			return "of " + string(id), err
		}
		var wg sync.WaitGroup
		for i := range 10 {
			id := tenancy.ID(fmt.Sprint("t", i%2))
			wg.Go(func() {
				got, err := c.Fetch(tenancy.With(t.Context(), id), "k", load)
				if got != "of "+string(id) || err != nil {
					t.Errorf("tenant %s got %q, %v", id, got, err)
				}
			})
		}
		wg.Wait()
	})
}

// TestForgetIsOfTheTenant: what another tenant has under the key stands, unless they share it.
func TestForgetIsOfTheTenant(t *testing.T) {
	for _, shared := range []bool{false, true} {
		c := newCache[string](t, newStore(), loading.Options{Shared: shared})
		a, b := tenancy.With(t.Context(), "a"), tenancy.With(t.Context(), "b")
		load := func(ctx context.Context, _ string) (string, error) {
			id, err := tenancy.From(ctx)
			return string(id), err
		}
		for _, ctx := range []context.Context{a, b} {
			if _, err := c.Fetch(ctx, "k", load); err != nil {
				t.Fatal(err)
			}
		}
		got, err := c.Fetch(b, "k", load)
		if want := map[bool]string{false: "b", true: "a"}[shared]; got != want || err != nil {
			t.Errorf("shared %v: b has %q, %v", shared, got, err)
		}
		if err := c.Forget(a, "k"); err != nil {
			t.Fatal(err)
		}
		if shared {
			if got, err := c.Fetch(b, "k", load); got != "b" || err != nil {
				t.Errorf("after Forget of what they share, b has %q, %v", got, err)
			}
		} else if got, err := c.Fetch(b, "k", never[string](t)); got != "b" || err != nil {
			t.Errorf("after a's Forget, b has %q, %v", got, err)
		}
	}
}

// TestTenantsShareNoEntry has keys that would be one if they were only joined.
func TestTenantsShareNoEntry(t *testing.T) {
	s := newFull()
	for _, l := range []cache.Local{nil, newLocal()} {
		c := newCache[string](t, s, loading.Options{Local: l})
		places := []struct {
			tenant tenancy.ID
			key    string
		}{{"", "a/k"}, {"a", "k"}, {"a", "/k"}, {"", "/a/k"}, {"a-b", "k"}, {"a", "-b/k"}, {"", "k"}, {"a", "#k"}, {"", "a!k"}, {"", "a#k"}}
		for range 2 {
			for _, p := range places {
				ctx, want := t.Context(), string(p.tenant)+" "+p.key
				if p.tenant != "" {
					ctx = tenancy.With(ctx, p.tenant)
				}
				got, err := c.Fetch(ctx, p.key, func(context.Context, string) (string, error) { return want, nil })
				if got != want || err != nil {
					t.Errorf("%q has %q, %v", want, got, err)
				}
			}
		}
		if _, err := c.Fetch(tenancy.With(t.Context(), "a/b"), "k", never[string](t)); !errors.Is(err, tenancy.ErrID) {
			t.Errorf("Fetch of a tenant that is none = %v", err)
		}
	}
}
