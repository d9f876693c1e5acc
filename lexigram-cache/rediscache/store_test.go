package rediscache_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

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
	_, errDeleteMany := s.DeleteMany(ctx, []string{key})
	_, errExists := s.Exists(ctx, key)
	_, errIncrement := s.Increment(ctx, key, 1, 0)
	_, errIncrementTTL := s.Increment(ctx, key, 1, time.Hour)
	_, errPattern := s.DeletePattern(ctx, key)
	_, errStats := s.Stats(ctx)
	return map[string]error{
		"Get": errGet, "GetMany": errMany, "Set": s.Set(ctx, key, []byte("v"), 0), "Delete": s.Delete(ctx, key),
		"SetMany": s.SetMany(ctx, map[string][]byte{key: nil}, 0), "DeleteMany": errDeleteMany, "Exists": errExists,
		"Increment": errIncrement, "Increment with a ttl": errIncrementTTL, "DeletePattern": errPattern, "Stats": errStats,
		"Create": s.Create(ctx, key, nil, 0), "Swap": s.Swap(ctx, key, nil, nil, 0), "Remove": s.Remove(ctx, key, nil),
		"Watch": s.Watch(ctx, func(string) {}),
	}
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
	huge := on(t, redistest.Nowhere(t), rediscache.Options{})
	if err := huge.Set(t.Context(), "k", make([]byte, rediscache.MaxValue+1), 0); !errors.Is(err, cache.ErrSize) || !strings.Contains(err.Error(), "536870913 bytes, over 536870912") {
		t.Errorf("Set of 512 MiB and a byte = %v, want ErrSize", err)
	}
	s := on(t, redistest.Nowhere(t), rediscache.Options{MaxValue: 10})
	if err := s.Set(t.Context(), "k", bytes.Repeat([]byte("v"), 11), 0); !errors.Is(err, cache.ErrSize) || errs.KindOf(err) != errs.Invalid {
		t.Errorf("Set of 11 bytes = %v, want ErrSize", err)
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
