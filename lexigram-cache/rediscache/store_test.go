package rediscache_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redistest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func on(t *testing.T, client redis.UniversalClient, opts rediscache.Options) *rediscache.Store {
	t.Helper()
	s, err := rediscache.New(client, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// methods calls each method of s.
func methods(ctx context.Context, s *rediscache.Store, key string) map[string]error {
	_, errGet := s.Get(ctx, key)
	_, errMany := s.GetMany(ctx, []string{key})
	return map[string]error{"Get": errGet, "GetMany": errMany, "Set": s.Set(ctx, key, []byte("v"), 0), "Delete": s.Delete(ctx, key)}
}

func TestConformance(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cache.Store {
		return on(t, redistest.Client(t), rediscache.Options{Prefix: redistest.Prefix()})
	})
}

func TestNobodyThere(t *testing.T) {
	redistest.CheckUnavailable(t, cache.Err, methods(t.Context(), on(t, redistest.Nowhere(t), rediscache.Options{}), "user:7"))
}

func TestModule(t *testing.T) { redistest.CheckModule(t, rediscache.Module(rediscache.Config{})) }

func TestClosed(t *testing.T) {
	client := redistest.Nowhere(t)
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
	s := on(t, redistest.Nowhere(t), rediscache.Options{MaxValue: 10})
	if err := s.Set(t.Context(), "k", bytes.Repeat([]byte("v"), 11), 0); !errors.Is(err, rediscache.ErrValue) || errs.KindOf(err) != errs.Invalid {
		t.Errorf("Set of 11 bytes = %v, want ErrValue", err)
	}
	if err := s.Set(t.Context(), "k", bytes.Repeat([]byte("v"), 10), 0); !errors.Is(err, redisclient.ErrUnavailable) {
		t.Errorf("Set of 10 bytes = %v, want that the server is asked", err)
	}
}

func TestInvalidOptions(t *testing.T) {
	client := redistest.Nowhere(t)
	for _, opts := range []rediscache.Options{{Prefix: "a:b"}, {Prefix: "a*"}, {Prefix: strings.Repeat("a", 65)}, {MaxValue: -1}, {MaxValue: rediscache.MaxValue + 1}} {
		_, err := rediscache.New(client, opts)
		redistest.CheckInvalid(t, cache.Err, err)
	}
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})
	defer ring.Close()
	for _, c := range []redis.UniversalClient{nil, (*redis.Client)(nil), ring} {
		_, err := rediscache.New(c, rediscache.Options{})
		redistest.CheckInvalid(t, cache.Err, err)
	}
}
