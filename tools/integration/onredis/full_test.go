package onredis

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisidempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// TestServerIsFull writes to a server that has no memory left, which refuses, and does not evict.
func TestServerIsFull(t *testing.T) {
	ctx := t.Context()
	server := servers.NewRedis(t)
	client := open(t, redisclient.Config{URL: config.NewSecret(server.URL())})
	c, l, s := openCache(t, client, rediscache.Options{}), openLock(t, client, redislock.Options{}), openState(t, client)
	i, err := redisidempotency.New(client, redisidempotency.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Set(ctx, "there", []byte("1"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Do(ctx, "config", "set", "maxmemory", "1"); err != nil {
		t.Fatal(err)
	}
	_, errLock := l.Acquire(ctx, "n", "a", time.Minute)
	_, _, errClaim := i.Acquire(ctx, idempotency.Claim{Key: "k", Token: "t"}, time.Minute)
	for want, err := range map[error]error{
		redisclient.ErrMemory: c.Set(ctx, "k", nil, 0), lock.ErrFull: errLock, state.ErrFull: s.Set(ctx, "k", nil, 0), idempotency.ErrFull: errClaim,
	} {
		if !errors.Is(err, want) || errs.KindOf(err) != errs.Exhausted {
			t.Errorf("%v, want %v of kind exhausted", err, want)
		}
	}
	if v, err := s.Get(ctx, "there"); err != nil || string(v) != "1" {
		t.Errorf("what was there: %q, %v", v, err)
	}
}

// TestServerEvicts asks the stores that must forget nothing how they are on a server that may.
func TestServerEvicts(t *testing.T) {
	server := servers.NewRedis(t, "--maxmemory-policy", "allkeys-lru")
	client := open(t, redisclient.Config{URL: config.NewSecret(server.URL())})
	for name, c := range map[string]health.Checker{"lock": openLock(t, client, redislock.Options{}), "state": openState(t, client)} {
		if r := c.CheckHealth(t.Context()); r.Status != health.Degraded || !strings.Contains(r.Message, "allkeys-lru") {
			t.Errorf("%s: %+v, want Degraded", name, r)
		}
	}
	if r := openCache(t, client, rediscache.Options{}).CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Errorf("cache: %+v, want Healthy", r)
	}
}

// TestScriptsAreForgotten has a server forget every script between two calls.
func TestScriptsAreForgotten(t *testing.T) {
	server := servers.NewRedis(t)
	client := open(t, redisclient.Config{URL: config.NewSecret(server.URL())})
	l, s := openLock(t, client, redislock.Options{}), openState(t, client)
	for range 3 {
		if _, err := l.Acquire(t.Context(), "n", "a", time.Minute); err != nil {
			t.Error(err)
		}
		if err := errors.Join(s.Set(t.Context(), "k", []byte("1"), 0), s.Swap(t.Context(), "k", []byte("1"), []byte("2"), 0)); err != nil {
			t.Error(err)
		}
		if _, err := server.Do(t.Context(), "script", "flush"); err != nil {
			t.Fatal(err)
		}
	}
	info, err := server.Do(t.Context(), "info", "commandstats")
	if text, ok := info.(string); err != nil || !ok || strings.Contains(text, "cmdstat_keys:") {
		t.Errorf("the server was asked for KEYS, or does not say: %v", err)
	}
}
