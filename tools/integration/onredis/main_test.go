// Package onredis runs the suites of the contracts on Redis: one server, and a
// cluster of three nodes.
package onredis

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

// each runs test on one server and on a cluster.
func each(t *testing.T, test func(t *testing.T, client redis.UniversalClient)) {
	t.Run("single", func(t *testing.T) { test(t, single(t)) })
	t.Run("cluster", func(t *testing.T) { test(t, cluster(t)) })
}

func single(t testing.TB) redis.UniversalClient {
	t.Helper()
	return open(t, redisclient.Config{URL: config.NewSecret(servers.Redis(t))})
}

func cluster(t testing.TB) redis.UniversalClient {
	t.Helper()
	return open(t, redisclient.Config{URL: config.NewSecret(servers.RedisClusterURLs(t)[0]), Cluster: true})
}

// open returns a client, which is closed when t ends.
func open(t testing.TB, c redisclient.Config) redis.UniversalClient {
	t.Helper()
	client, err := redisclient.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// prefix returns one for keys that nobody else has.
func prefix() string { return "test-" + strings.ToLower(rand.Text()) }
