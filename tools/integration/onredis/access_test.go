package onredis

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/lock/locktest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// TestTLSAndACL runs the suites as a user who may touch nothing but the stores' own
// keys and channels, over TLS with certificates on both sides.
func TestTLSAndACL(t *testing.T) {
	server, ca, cert, key := servers.NewRedisTLS(t)
	with := func(password string) redisclient.Config {
		u := url.URL{Scheme: "rediss", User: url.UserPassword("app", password), Host: strings.TrimPrefix(strings.TrimSuffix(server.URL(), "/0"), "redis://")}
		return redisclient.Config{URL: config.NewSecret(u.String()), CAFile: ca, CertFile: cert, KeyFile: key}
	}
	const password = "s/e?c#r@t%"
	client := open(t, with(password))
	t.Run("cache", func(t *testing.T) {
		cachetest.Run(t, func(t *testing.T) cache.Store {
			s := openCache(t, client, rediscache.Options{Prefix: "lexigram"})
			if _, err := cache.Clear(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
	t.Run("lock", func(t *testing.T) {
		locktest.Run(t, func(t *testing.T) lock.Store {
			if _, err := server.Do(t.Context(), "flushall"); err != nil {
				t.Fatal(err)
			}
			return openLock(t, client, redislock.Options{Prefix: "lexigram"})
		})
	})
	t.Run("another's keys", func(t *testing.T) {
		s := openCache(t, client, rediscache.Options{Prefix: "another"})
		if err := s.Set(t.Context(), "k", nil, 0); !errors.Is(err, redisclient.ErrDenied) || errs.KindOf(err) != errs.Denied {
			t.Errorf("Set = %v, want ErrDenied", err)
		}
		if r := s.CheckHealth(t.Context()); r.Status != health.Healthy {
			t.Errorf("health of a user without INFO = %+v", r)
		}
	})
	t.Run("strangers", func(t *testing.T) {
		noCert, noCA := with(password), with(password)
		noCert.CertFile, noCert.KeyFile = "", ""
		noCA.CAFile = ""
		for name, c := range map[string]redisclient.Config{"password": with("wrong"), "certificate": noCert, "authority": noCA} {
			_, err := redisclient.Open(t.Context(), c)
			if err == nil || strings.Contains(err.Error(), "wrong@") || strings.Contains(err.Error(), password) || strings.Contains(err.Error(), url.QueryEscape(password)) || strings.Contains(err.Error(), "\n") {
				t.Errorf("without the right %s: %v", name, err)
			}
			if name == "password" && !errors.Is(err, redisclient.ErrUnauthenticated) {
				t.Errorf("with a wrong password: %v, want ErrUnauthenticated", err)
			}
			if _, err := redisclient.Open(t.Context(), with(password)); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		}
	})
}

// TestClusterIsNamed opens a node of a cluster as if it were alone.
func TestClusterIsNamed(t *testing.T) {
	c := redisclient.Config{URL: config.NewSecret(servers.RedisClusterURLs(t)[1])}
	if _, err := redisclient.Open(t.Context(), c); !errors.Is(err, redisclient.ErrCluster) || errs.KindOf(err) != errs.Invalid {
		t.Errorf("Open = %v, want ErrCluster", err)
	}
}
