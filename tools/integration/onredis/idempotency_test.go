package onredis

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/idempotency/idempotencytest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisidempotency"
)

func TestIdempotency(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		idempotencytest.Run(t, func(t *testing.T) idempotency.Store {
			s, err := redisidempotency.New(client, redisidempotency.Options{Prefix: prefix()})
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}
