package onredis

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/contracts/state/statetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisstate"
)

func openState(t testing.TB, client redis.UniversalClient) *redisstate.Store {
	t.Helper()
	s, err := redisstate.New(client, redisstate.Options{Prefix: prefix()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestState(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		statetest.Run(t, func(t *testing.T) state.Store { return openState(t, client) })
	})
}
