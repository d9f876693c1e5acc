package redisfaults

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisidempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislimit"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisstate"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// stores is one of each, on one client.
type stores struct {
	cache  *rediscache.Store
	lock   *redislock.Store
	state  *redisstate.Store
	claims *redisidempotency.Store
	limit  *redislimit.Limiter
}

func newStores(t *testing.T, client redis.UniversalClient) stores {
	t.Helper()
	c, err1 := rediscache.New(client, rediscache.Options{})
	l, err2 := redislock.New(client, redislock.Options{})
	s, err3 := redisstate.New(client, redisstate.Options{})
	i, err4 := redisidempotency.New(client, redisidempotency.Options{})
	r, err5 := redislimit.New(client, resilience.Rate{Events: 1_000_000, Per: time.Second}, redislimit.Options{})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return stores{c, l, s, i, r}
}

// calls is one call of each store.
func (s stores) calls() map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"cache get": func(ctx context.Context) error {
			_, err := s.cache.Get(ctx, "k")
			if errors.Is(err, cache.ErrMiss) {
				err = nil
			}
			return err
		},
		"cache set":      func(ctx context.Context) error { return s.cache.Set(ctx, "k", []byte("v"), time.Minute) },
		"cache get many": func(ctx context.Context) error { _, err := s.cache.GetMany(ctx, []string{"k", "l"}); return err },
		"lock": func(ctx context.Context) error {
			_, err := s.lock.Acquire(ctx, "n", "a", time.Minute)
			return err
		},
		"state": func(ctx context.Context) error { return s.state.Set(ctx, "k", nil, 0) },
		"claim": func(ctx context.Context) error {
			_, _, err := s.claims.Acquire(ctx, idempotency.Claim{Key: "k", Token: "t"}, time.Minute)
			return err
		},
		"limit": func(ctx context.Context) error { _, err := s.limit.Allow(ctx, "k", 1); return err },
	}
}

// ask makes every call, and 100 reads at the same time, and returns the longest time one took.
func (s stores) ask(ctx context.Context, t *testing.T, want error) (longest time.Duration) {
	t.Helper()
	calls := s.calls()
	for i := range 100 {
		calls[fmt.Sprint("read ", i)] = calls["cache get"]
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	for name, call := range calls {
		all.Go(func() {
			began := time.Now()
			err := call(ctx)
			took := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			longest = max(longest, took)
			if !errors.Is(err, want) || want == redisclient.ErrUnavailable && errs.KindOf(err) != errs.Unavailable {
				t.Errorf("%s after %v: %v, want %v", name, took, err, want)
			}
		})
	}
	all.Wait()
	return longest
}

// recovers waits until every call succeeds again.
func (s stores) recovers(t *testing.T, within time.Duration) {
	t.Helper()
	began := time.Now()
	for name, call := range s.calls() {
		for {
			err := call(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, redisclient.ErrUnavailable) || time.Since(began) > within {
				t.Errorf("%s, %v after the server was back: %v", name, time.Since(began), err)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	t.Logf("every store works %v after the server was back", time.Since(began))
}

// quick are timeouts that a test can wait for.
func quick(s *servers.RedisServer) redisclient.Config {
	c := at(s)
	c.DialTimeout, c.Timeout = 300*time.Millisecond, 300*time.Millisecond
	return c
}

// bound is what redisclient.Config promises of them, and what a crowded machine may add.
const bound = 2*(300+2*300)*time.Millisecond + time.Second

// TestServerIsGone kills the server: calls fail soon, with what they may be told
// apart by, and work again on the same stores when it is back.
func TestServerIsGone(t *testing.T) {
	server := servers.NewRedis(t)
	s := newStores(t, open(t, quick(server)))
	s.ask(t.Context(), t, nil)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if took := s.ask(t.Context(), t, redisclient.ErrUnavailable); took > bound {
			t.Errorf("a call took %v, over %v", took, bound)
		} else {
			t.Logf("the slowest of 107 calls at a time took %v", took)
		}
	}
	if r := s.cache.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("%+v", r)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	s.recovers(t, 5*time.Second)
	if r := s.cache.CheckHealth(t.Context()); r.Status != health.Healthy {
		t.Errorf("%+v", r)
	}
}

// TestServerHangs stops the server where it is, with its connections open: calls
// take as long as the timeouts allow, and no longer than the context of the caller.
func TestServerHangs(t *testing.T) {
	server := servers.NewRedis(t)
	s := newStores(t, open(t, quick(server)))
	s.ask(t.Context(), t, nil)
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	if took := s.ask(t.Context(), t, redisclient.ErrUnavailable); took > bound {
		t.Errorf("a call took %v, over %v", took, bound)
	} else {
		t.Logf("the slowest of 107 calls at a time took %v", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if took := s.ask(ctx, t, context.DeadlineExceeded); took > time.Second {
		t.Errorf("a call of a caller who left after 100 ms took %v", took)
	}
	if err := server.Resume(); err != nil {
		t.Fatal(err)
	}
	s.recovers(t, 5*time.Second)
}

// TestNodeIsGone kills one node of a cluster: what the others have is served all the same.
func TestNodeIsGone(t *testing.T) {
	cluster := servers.NewRedisCluster(t)
	c := quick(cluster.Nodes[0])
	c.Cluster = true
	for _, n := range cluster.Nodes[1:] {
		c.Addrs = append(c.Addrs, n.URL()[len("redis://"):len(n.URL())-len("/0")])
	}
	s := newStores(t, open(t, c))
	keys := make([]string, 100)
	for i := range keys {
		keys[i] = fmt.Sprint("k", i)
		if err := s.cache.Set(t.Context(), keys[i], nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	// With its default, a cluster that lacks a node serves nothing.
	for _, n := range cluster.Nodes {
		if _, err := n.Do(t.Context(), "config", "set", "cluster-require-full-coverage", "no"); err != nil {
			t.Fatal(err)
		}
	}
	if err := cluster.Nodes[2].Kill(); err != nil {
		t.Fatal(err)
	}
	served, longest := 0, time.Duration(0)
	for _, k := range keys {
		began := time.Now()
		_, err := s.cache.Get(t.Context(), k)
		longest = max(longest, time.Since(began))
		if err == nil {
			served++
		} else if !errors.Is(err, redisclient.ErrUnavailable) {
			t.Errorf("Get = %v, want ErrUnavailable", err)
		}
	}
	if served < 40 || served == len(keys) || longest > 2*bound {
		t.Errorf("%d of %d keys are served, and the slowest answer took %v", served, len(keys), longest)
	}
	if r := s.cache.CheckHealth(t.Context()); r.Status != health.Degraded || r.Details["masters"] != "2" {
		t.Errorf("%+v, want Degraded", r)
	}
	if err := cluster.Nodes[2].Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if _, err := s.cache.GetMany(t.Context(), keys); err == nil {
			t.Logf("%d of %d keys were served meanwhile, the slowest answer took %v, and all are %v after the node was back", served, len(keys), longest, time.Since(began))
			return
		} else if time.Since(began) > 20*time.Second {
			t.Fatal(err)
		}
	}
}

// TestWatchLosesSight kills and pauses the server of a Watch, which says so in time.
func TestWatchLosesSight(t *testing.T) {
	for name, lose := range map[string]func(*servers.RedisServer) error{"killed": (*servers.RedisServer).Kill, "paused": (*servers.RedisServer).Pause} {
		t.Run(name, func(t *testing.T) {
			server := servers.NewRedis(t)
			s := newStores(t, open(t, quick(server))).cache
			ready, ended := make(chan struct{}), make(chan error, 1)
			go func() { ended <- s.Watch(t.Context(), func(key string) { close(ready) }) }()
			<-ready
			if err := lose(server); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			err := <-ended
			if took := time.Since(began); !errors.Is(err, redisclient.ErrUnavailable) || took > s.MaxStaleness()+time.Second/2 {
				t.Errorf("Watch = %v after %v, want ErrUnavailable within %v", err, took, s.MaxStaleness())
			} else {
				t.Logf("Watch returned after %v: %v", took, err)
			}
		})
	}
}

// TestWatchSeesTheClusterChange counts a cluster's epoch up, as moving slots and
// promoting replicas do: a Watch cannot know whether it still hears every master.
func TestWatchSeesTheClusterChange(t *testing.T) {
	cluster := servers.NewRedisCluster(t)
	c := quick(cluster.Nodes[0])
	c.Cluster = true
	s := newStores(t, open(t, c)).cache
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- s.Watch(t.Context(), func(key string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatal(err)
	}
	if _, err := cluster.Nodes[1].Do(t.Context(), "cluster", "bumpepoch"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err := <-ended
	if took := time.Since(began); !errors.Is(err, redisclient.ErrUnavailable) || took > s.MaxStaleness()+time.Second/2 {
		t.Errorf("Watch = %v after %v, want ErrUnavailable within %v", err, took, s.MaxStaleness())
	} else {
		t.Logf("Watch returned after %v: %v", took, err)
	}
}
