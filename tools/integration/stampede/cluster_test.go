package stampede

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// TestCluster has two caches with clients of their own on a cluster, where keys,
// leases and generations lie on several nodes.
func TestCluster(t *testing.T) {
	urls, prefix := servers.RedisClusterURLs(t), "test-"+strings.ToLower(rand.Text())
	var all []*loading.Cache[string]
	for range 2 {
		client, err := redisclient.Open(t.Context(), redisclient.Config{URL: config.NewSecret(urls[0]), Cluster: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.Close(); err != nil {
				t.Error(err)
			}
		})
		store, err := rediscache.New(client, rediscache.Options{Prefix: prefix})
		if err != nil {
			t.Fatal(err)
		}
		l, err := memorycache.NewLocal(memorycache.LocalOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		all = append(all, over[string](t, store, loading.Options{TTL: time.Hour, Local: l, Tags: []string{"all"}}))
	}
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprint("k", i))
	}
	var version, loads atomic.Int64
	load := func(_ context.Context, keys []string) (map[string]string, error) {
		loads.Add(1)
		got := map[string]string{}
		for _, k := range keys {
			got[k] = fmt.Sprint(k, " of ", version.Load())
		}
		return got, nil
	}
	fetch := func(want int) {
		t.Helper()
		for i, c := range all {
			got, err := c.FetchMany(t.Context(), keys, load)
			if err != nil || len(got) != len(keys) {
				t.Fatalf("FetchMany = %d values, %v", len(got), err)
			}
			for k, v := range got {
				if v != fmt.Sprint(k, " of ", want) {
					t.Errorf("cache %d has %q under %s, want that of version %d", i, v, k, want)
				}
			}
		}
	}
	fetch(0)
	fetch(0)
	if n := loads.Load(); n != 1 {
		t.Errorf("%d loads, want one", n)
	}
	for i, forget := range []func() error{
		func() error { return all[1].Forget(t.Context(), keys...) },
		func() error { return all[0].ForgetTags(t.Context(), "all") },
	} {
		version.Add(1)
		if err := forget(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(all[0].MaxStaleness()) // of what the other process may still use
		fetch(i + 1)
		if n := loads.Load(); n != int64(i+2) {
			t.Errorf("%d loads, want %d", n, i+2)
		}
	}
}
