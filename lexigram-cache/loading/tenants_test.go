package loading_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

// TestTenantsShareNoLoad has two tenants ask for one key at the same time, over
// a store that keeps their entries apart as tenantcache does.
func TestTenantsShareNoLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[string](t, newStore(), loading.Options{})
		load := func(ctx context.Context) (string, error) {
			time.Sleep(time.Second)
			id, err := tenancy.From(ctx)
			return "of " + string(id), err
		}
		var wg sync.WaitGroup
		for i := range 10 {
			id := tenancy.ID(fmt.Sprint("t", i%2))
			wg.Go(func() {
				got, err := c.Get(tenancy.With(t.Context(), id), "k", load)
				if got != "of "+string(id) || err != nil {
					t.Errorf("tenant %s got %q, %v", id, got, err)
				}
			})
		}
		wg.Wait()
	})
}

// TestForgetIsForEveryTenant: over a store that is one for all, a load of any
// tenant would put the old value back.
func TestForgetIsForEveryTenant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		c := newCache[string](t, s, loading.Options{})
		for _, id := range []tenancy.ID{"a", "b"} {
			go func() {
				_, _ = c.Get(tenancy.With(t.Context(), id), "k", func(context.Context) (string, error) { time.Sleep(time.Minute); return "old", nil })
			}()
		}
		synctest.Wait()
		if err := c.Forget(t.Context(), "k"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if len(s.entries) != 0 {
			t.Errorf("the store has %q: a load that began before Forget was stored", s.entries)
		}
	})
}
