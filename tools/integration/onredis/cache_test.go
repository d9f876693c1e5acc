package onredis

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
)

func openCache(t testing.TB, client redis.UniversalClient, opts rediscache.Options) *rediscache.Store {
	t.Helper()
	if opts.Prefix == "" {
		opts.Prefix = prefix()
	}
	s, err := rediscache.New(client, opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCache(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		cachetest.Run(t, func(t *testing.T) cache.Store { return openCache(t, client, rediscache.Options{MaxValue: 2 << 20}) }, cachetest.TooLarge(2<<20+1))
	})
}
