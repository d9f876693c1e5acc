package tenantcache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/tenantcache"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plain is a store over a map.
type plain struct {
	mu      sync.Mutex
	entries map[string]entry
}

type entry struct {
	value   []byte
	expires time.Time
}

func newPlain() *plain { return &plain{entries: map[string]entry{}} }

func check(ctx context.Context, key string) error {
	if err := cache.CheckKey(key); err != nil {
		return err
	}
	return context.Cause(ctx)
}

func (p *plain) Get(ctx context.Context, key string) ([]byte, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.entries[key]
	if !ok || !e.expires.IsZero() && !time.Now().Before(e.expires) {
		return nil, cache.ErrMiss
	}
	return append([]byte{}, e.value...), nil
}

func (p *plain) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := errors.Join(cache.CheckTTL(ttl), check(ctx, key)); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	e := entry{value: bytes.Clone(value)}
	if ttl > 0 {
		e.expires = time.Now().Add(ttl)
	}
	p.entries[key] = e
	return nil
}

func (p *plain) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.entries, key)
	return nil
}

// batch is a plain store that is a Batcher.
type batch struct{ *plain }

func (b batch) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	return cache.GetMany(ctx, b.plain, keys)
}

func TestConformance(t *testing.T) {
	acme := func(ctx context.Context) context.Context { return tenancy.With(ctx, "acme") }
	for name, open := range map[string]func() cache.Store{
		"batcher": func() cache.Store { return batch{newPlain()} },
		"plain":   func() cache.Store { return newPlain() },
	} {
		t.Run(name, func(t *testing.T) {
			cachetest.Run(t, func(*testing.T) cache.Store { return tenantcache.New(open()) }, cachetest.Tick(20*time.Millisecond), cachetest.Context(acme))
		})
	}
}

func TestIsolation(t *testing.T) {
	s := tenantcache.New(batch{newPlain()})
	tenants := []tenancy.ID{"a", "a-b", "b", "t", "h"}
	long := strings.Repeat("k", 1024)
	keys := []string{"k", "b/k", "/k", "t/a/k", "../b/k", "a/k", long, long[:1020] + "/", "\x00"}
	for _, id := range tenants {
		for _, k := range keys {
			if err := s.Set(tenancy.With(t.Context(), id), k, []byte(string(id)+k), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range tenants {
		ctx := tenancy.With(t.Context(), id)
		want := map[string][]byte{}
		for _, k := range keys {
			want[k] = []byte(string(id) + k)
			if v, err := s.Get(ctx, k); err != nil || string(v) != string(want[k]) {
				t.Errorf("%s gets %q, %v under %.20q", id, v, err, k)
			}
		}
		if got, err := s.GetMany(ctx, keys); err != nil || !maps.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s gets %.200q, %v", id, got, err)
		}
	}
	if err := s.Delete(tenancy.With(t.Context(), "a"), "k"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(tenancy.With(t.Context(), "b"), "k"); err != nil {
		t.Errorf("another tenant's entry is gone: %v", err)
	}
}

func TestFailsClosed(t *testing.T) {
	inner := newPlain()
	s := tenantcache.New(batch{inner})
	for ctx, want := range map[context.Context]error{
		t.Context(): tenancy.ErrNone, tenancy.With(t.Context(), ""): tenancy.ErrNone, tenancy.With(t.Context(), "a/b"): tenancy.ErrID,
	} {
		_, sumErr := s.Increment(ctx, "k", 1, 0)
		_, existsErr := s.Exists(ctx, "k")
		_, patternErr := s.DeletePattern(ctx, "*")
		_, deleteErr := s.DeleteMany(ctx, nil)
		_, statsErr := s.Stats(ctx)
		for what, err := range map[string]error{
			"Increment": sumErr, "Exists": existsErr, "DeletePattern": patternErr, "DeleteMany of none": deleteErr, "Stats": statsErr,
			"SetMany of none": s.SetMany(ctx, nil, 0), "Create": s.Create(ctx, "k", nil, 0), "Swap": s.Swap(ctx, "k", nil, nil, 0),
			"Remove": s.Remove(ctx, "k", nil), "Watch": s.Watch(ctx, func(string) {}),
		} {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
		_, getErr := s.Get(ctx, "k")
		_, manyErr := s.GetMany(ctx, []string{"k"})
		_, noneErr := s.GetMany(ctx, nil)
		for what, err := range map[string]error{"Get": getErr, "Set": s.Set(ctx, "k", nil, 0), "Delete": s.Delete(ctx, "k"), "GetMany": manyErr, "GetMany of none": noneErr} {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
		}
	}
	if len(inner.entries) > 0 {
		t.Errorf("%v", inner.entries)
	}
	if _, err := tenantcache.New(inner).GetMany(tenancy.With(t.Context(), "a"), []string{"k"}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("GetMany of a store that cannot: %v", err)
	}
}

func Example() {
	store := tenantcache.New(newPlain()) // any cache.Store
	acme, beta := tenancy.With(context.Background(), "acme"), tenancy.With(context.Background(), "beta")
	if err := store.Set(acme, "greeting", []byte("hello"), time.Minute); err != nil {
		fmt.Println(err)
		return
	}
	v, err := store.Get(acme, "greeting")
	fmt.Printf("%s %v\n", v, err)
	_, err = store.Get(beta, "greeting")
	fmt.Println(errors.Is(err, cache.ErrMiss))
	_, err = store.Get(context.Background(), "greeting")
	fmt.Println(errors.Is(err, tenancy.ErrNone))
	// Output:
	// hello <nil>
	// true
	// true
}
