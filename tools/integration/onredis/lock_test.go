package onredis

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/lock/locktest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
)

func openLock(t testing.TB, client redis.UniversalClient, opts redislock.Options) *redislock.Store {
	t.Helper()
	if opts.Prefix == "" {
		opts.Prefix = prefix()
	}
	s, err := redislock.New(client, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestLock(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		locktest.Run(t, func(t *testing.T) lock.Store { return openLock(t, client, redislock.Options{}) })
	})
}
