package onredis

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-cache/memoryidempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorylock"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorystate"
	"github.com/lexigram/lexigram-go/lexigram-cache/ratelimit"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisidempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislimit"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisstate"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// app is an application whose configuration picks each store.
func app(t *testing.T, settings map[string]any) *boot.App {
	t.Helper()
	cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: settings})
	if err != nil {
		t.Fatal(err)
	}
	return boot.New(boot.Options{Config: cfg}).Add(
		redisclient.Module(redisclient.Config{}),
		boot.Choose("cache", memorycache.Module(memorycache.Config{}), rediscache.Module(rediscache.Config{})),
		boot.Choose("lock", memorylock.Module(memorylock.Config{}), redislock.Module(redislock.Config{})),
		boot.Choose("state", memorystate.Module(memorystate.Config{}), redisstate.Module(redisstate.Config{})),
		boot.Choose("idempotency", memoryidempotency.Module(memoryidempotency.Config{}), redisidempotency.Module(redisidempotency.Config{})),
		boot.Choose("limiter",
			ratelimit.Module(ratelimit.Config{Events: 5, Per: time.Hour}), redislimit.Module(redislimit.Config{Events: 5, Per: time.Hour})),
	)
}

// inRedis chooses Redis everywhere.
func inRedis(url, prefix string) map[string]any {
	return map[string]any{
		"redisclient.url": url, "redisclient.timeout": "1s",
		"cache.backend": "rediscache", "lock.backend": "redislock", "state.backend": "redisstate",
		"idempotency.backend": "redisidempotency", "limiter.backend": "redislimit",
		"cache.rediscache.prefix": prefix, "lock.redislock.prefix": prefix, "state.redisstate.prefix": prefix,
		"idempotency.redisidempotency.prefix": prefix, "limiter.redislimit.prefix": prefix,
	}
}

func get[T any](t *testing.T, r di.Resolver) T {
	t.Helper()
	v, err := di.Get[T](t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestStoresAreChosen boots an application twice: in memory, without any server, and in Redis.
func TestStoresAreChosen(t *testing.T) {
	for name, settings := range map[string]map[string]any{"memory": nil, "redis": inRedis(servers.Redis(t), prefix())} {
		t.Run(name, func(t *testing.T) {
			a := app(t, settings)
			if err := a.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx := t.Context()
			_, errLock := get[lock.Store](t, a).Acquire(ctx, "n", "a", time.Minute)
			_, _, errClaim := get[idempotency.Store](t, a).Acquire(ctx, idempotency.Claim{Key: "k", Token: "t"}, time.Minute)
			d, errLimit := get[resilience.Limiter](t, a).Allow(ctx, "k", 5)
			if err := errors.Join(errLock, errClaim, errLimit, get[cache.Store](t, a).Set(ctx, "k", nil, time.Minute),
				get[state.Store](t, a).Set(ctx, "k", nil, time.Minute)); err != nil || !d.Allowed {
				t.Errorf("%+v, %v", d, err)
			}
			if _, ok := get[cache.Store](t, a).(*rediscache.Store); ok != (settings != nil) {
				t.Errorf("the cache is a %T", get[cache.Store](t, a))
			}
			if r := a.Health(ctx, health.Readiness); r.Status != health.Healthy {
				t.Errorf("%+v", r)
			}
			if err := a.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNoServerNoStart chooses Redis and names no server, or one that is not there.
func TestNoServerNoStart(t *testing.T) {
	for url, says := range map[string]string{"": "url is empty", "redis://app:hunter2@127.0.0.1:1/0": "connection refused", "http://app:hunter2@x": "is not redis://"} {
		a := app(t, inRedis(url, prefix()))
		err := a.Start(t.Context())
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: Start = %v, want an error that says %q", url, err, says)
		}
		if err := a.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
