package rediscache_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a store with keys of its own on the server that LEXIGRAM_TEST_REDIS names.
func open(t *testing.T) *rediscache.Store {
	t.Helper()
	url := os.Getenv("LEXIGRAM_TEST_REDIS")
	if url == "" {
		t.Skip("LEXIGRAM_TEST_REDIS names no server")
	}
	client, err := redisclient.Open(t.Context(), redisclient.Config{URL: config.NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return on(t, client, rediscache.Options{Prefix: "test-" + strings.ToLower(rand.Text())})
}

func on(t *testing.T, client redis.UniversalClient, opts rediscache.Options) *rediscache.Store {
	t.Helper()
	s, err := rediscache.New(client, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// nowhere returns a client of a port that nobody can listen on.
func nowhere(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() {
		if err := client.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
			t.Error(err)
		}
	})
	return client
}

// methods calls each method of s.
func methods(ctx context.Context, s *rediscache.Store, key string) map[string]error {
	_, errGet := s.Get(ctx, key)
	_, errMany := s.GetMany(ctx, []string{key})
	return map[string]error{"Get": errGet, "GetMany": errMany, "Set": s.Set(ctx, key, []byte("v"), 0), "Delete": s.Delete(ctx, key)}
}

func TestConformance(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store { return open(t) })
}

func TestNobodyThere(t *testing.T) {
	s := on(t, nowhere(t), rediscache.Options{})
	for method, err := range methods(t.Context(), s, "user:7") {
		if !errors.Is(err, redisclient.ErrUnavailable) || !errors.Is(err, cache.Err) || errs.KindOf(err) != errs.Unavailable || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s = %v, want ErrUnavailable", method, err)
		}
	}
	if r := s.CheckHealth(t.Context()); r.Status != health.Unhealthy || !strings.Contains(r.Message, "refused") {
		t.Errorf("%+v", r)
	}
}

func TestClosed(t *testing.T) {
	client := nowhere(t)
	s := on(t, client, rediscache.Options{})
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	for method, err := range methods(t.Context(), s, "k") {
		if !errors.Is(err, cache.ErrClosed) {
			t.Errorf("%s = %v, want ErrClosed", method, err)
		}
	}
	if _, err := rediscache.New(client, rediscache.Options{}); err == nil {
		t.Error("New on a closed client")
	}
}

// TestLongValue is refused before a server is asked.
func TestLongValue(t *testing.T) {
	s := on(t, nowhere(t), rediscache.Options{MaxValue: 10})
	if err := s.Set(t.Context(), "k", bytes.Repeat([]byte("v"), 11), 0); !errors.Is(err, rediscache.ErrValue) || errs.KindOf(err) != errs.Invalid {
		t.Errorf("Set of 11 bytes = %v, want ErrValue", err)
	}
	if err := s.Set(t.Context(), "k", bytes.Repeat([]byte("v"), 10), 0); !errors.Is(err, redisclient.ErrUnavailable) {
		t.Errorf("Set of 10 bytes = %v, want that the server is asked", err)
	}
}

func TestInvalidOptions(t *testing.T) {
	client := nowhere(t)
	for _, opts := range []rediscache.Options{{Prefix: "a:b"}, {Prefix: "a*"}, {Prefix: strings.Repeat("a", 65)}, {MaxValue: -1}, {MaxValue: rediscache.MaxValue + 1}} {
		if _, err := rediscache.New(client, opts); !errors.Is(err, errs.ErrValidation) || !errors.Is(err, cache.Err) {
			t.Errorf("New(%+v) = %v, want a validation error", opts, err)
		}
	}
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer ring.Close()
	for _, c := range []redis.UniversalClient{nil, (*redis.Client)(nil), ring} {
		if _, err := rediscache.New(c, rediscache.Options{}); !errors.Is(err, cache.Err) || errs.KindOf(err) != errs.Invalid {
			t.Errorf("New on a %T = %v", c, err)
		}
	}
}
