// Package stampede proves what the loading cache promises on a real Redis: one
// load for several processes, none that is held up by a dead one, no stale value
// after an invalidation, and a bound of staleness when the line is cut.
package stampede

import (
	"os"
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// TestMain runs the tests, or a worker if a test has started this program as one.
func TestMain(m *testing.M) {
	if role := os.Getenv("LEXIGRAM_STAMPEDE_ROLE"); role != "" {
		if err := work(role); err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	servers.Main(m)
}

// times returns how often to do what the variable name counts, few by default.
func times(t *testing.T, name string, few int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is no number of at least 1", name, text)
	}
	return n
}

// connect returns a client of its own, closed when t ends, and a store on it.
func connect(t *testing.T, url, prefix string) (redis.UniversalClient, *rediscache.Store) {
	t.Helper()
	client, err := redisclient.Open(t.Context(), redisclient.Config{URL: config.NewSecret(url)})
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
	return client, store
}

// over returns a cache over a store, closed before its client.
func over[T any](t *testing.T, store *rediscache.Store, opts loading.Options) *loading.Cache[T] {
	t.Helper()
	c, err := loading.New[T](store, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
