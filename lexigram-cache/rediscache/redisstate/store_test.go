package redisstate_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/contracts/state/statetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redistest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisstate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func on(t *testing.T, client redis.UniversalClient) *redisstate.Store {
	t.Helper()
	s, err := redisstate.New(client, redisstate.Options{Prefix: redistest.Prefix()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Store { return on(t, redistest.Client(t)) })
}

func TestModule(t *testing.T) { redistest.CheckModule(t, redisstate.Module(redisstate.Config{})) }

func TestNobodyThere(t *testing.T) {
	ctx, s := t.Context(), on(t, redistest.Nowhere(t))
	_, errGet := s.Get(ctx, "k")
	_, errDelete := s.Delete(ctx, "k")
	_, errTTL := s.TTL(ctx, "k")
	_, errMany := s.GetMany(ctx, []string{"k"})
	redistest.CheckUnavailable(t, state.Err, map[string]error{
		"Get": errGet, "Set": s.Set(ctx, "k", nil, 0), "Delete": errDelete, "TTL": errTTL, "Expire": s.Expire(ctx, "k", time.Hour),
		"Expire never": s.Expire(ctx, "k", 0), "Create": s.Create(ctx, "k", nil, 0), "Swap": s.Swap(ctx, "k", nil, nil, 0), "Remove": s.Remove(ctx, "k", nil),
		"GetMany": errMany, "SetMany": s.SetMany(ctx, map[string][]byte{"k": nil}, 0),
	})
}

func TestInvalidOptions(t *testing.T) {
	_, err := redisstate.New(redistest.Nowhere(t), redisstate.Options{Prefix: "a:b"})
	redistest.CheckInvalid(t, state.Err, err)
	_, err = redisstate.New(nil, redisstate.Options{})
	redistest.CheckInvalid(t, state.Err, err)
}
