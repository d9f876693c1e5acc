// Package redisfaults kills, pauses and empties Redis while the stores on it work.
package redisfaults

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

// open returns a client of the server, which is closed when t ends.
func open(t *testing.T, c redisclient.Config) redis.UniversalClient {
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

func at(s *servers.RedisServer) redisclient.Config {
	return redisclient.Config{URL: config.NewSecret(s.URL())}
}
