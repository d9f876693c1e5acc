package tenants

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantcache"
)

// newCache returns an empty store with every optional ability.
func newCache(t *testing.T) *memorycache.Store {
	s, err := memorycache.New(memorycache.Options{})
	return closed(t, s, err)
}

// TestCache runs the suite on a tenant's part of a store, whose other part is in use.
func TestCache(t *testing.T) {
	other := tenancy.With(t.Context(), "other")
	cachetest.Run(t, func(t *testing.T) cache.Store {
		s := tenantcache.New(newCache(t))
		if err := s.Set(other, "user:1", []byte("theirs"), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if v, err := s.Get(other, "user:1"); err != nil || string(v) != "theirs" {
				t.Errorf("the other tenant has %q, %v", v, err)
			}
		})
		return s
	}, cachetest.Context(in), cachetest.Tick(20*time.Millisecond))
}

// TestCachePatternsAndLongKeys: of a key that stands under its SHA-256 a
// pattern says nothing, so that it goes with every pattern that may match it.
func TestCachePatternsAndLongKeys(t *testing.T) {
	s := tenantcache.New(newCache(t))
	ctx, other := in(t.Context()), tenancy.With(t.Context(), "other")
	long := strings.Repeat("k", 1024)
	set := func() {
		for _, c := range []context.Context{ctx, other} {
			for _, k := range []string{"a", "b", long} {
				if err := s.Set(c, k, nil, 0); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for pattern, want := range map[string]int{"*": 3, "a*": 2, "a": 1, long: 1, "c": 0} {
		set()
		if n, err := s.DeletePattern(ctx, pattern); n != want || err != nil {
			t.Errorf("DeletePattern(%.10q) = %d, %v, want %d", pattern, n, err, want)
		}
		if found, err := s.GetMany(other, []string{"a", "b", long}); len(found) != 3 || err != nil {
			t.Errorf("after DeletePattern(%.10q) the other tenant has %d entries, %v", pattern, len(found), err)
		}
	}
}
