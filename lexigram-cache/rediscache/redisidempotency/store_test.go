package redisidempotency_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/idempotency/idempotencytest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redistest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisidempotency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func on(t *testing.T, client redis.UniversalClient) *redisidempotency.Store {
	t.Helper()
	s, err := redisidempotency.New(client, redisidempotency.Options{Prefix: redistest.Prefix()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	idempotencytest.Run(t, func(t *testing.T) idempotency.Store { return on(t, redistest.Client(t)) })
}

func TestModule(t *testing.T) {
	redistest.CheckModule(t, redisidempotency.Module(redisidempotency.Config{}))
}

func TestNobodyThere(t *testing.T) {
	ctx, s, c := t.Context(), on(t, redistest.Nowhere(t)), idempotency.Claim{Key: "k", Token: "t"}
	_, _, errAcquire := s.Acquire(ctx, c, time.Minute)
	_, errGet := s.Get(ctx, "k")
	redistest.CheckUnavailable(t, idempotency.Err, map[string]error{
		"Acquire": errAcquire, "Complete": s.Complete(ctx, c, nil, time.Minute), "Release": s.Release(ctx, c), "Get": errGet,
	})
}

func TestInvalidOptions(t *testing.T) {
	_, err := redisidempotency.New(redistest.Nowhere(t), redisidempotency.Options{Prefix: "a:b"})
	redistest.CheckInvalid(t, idempotency.Err, err)
	_, err = redisidempotency.New(nil, redisidempotency.Options{})
	redistest.CheckInvalid(t, idempotency.Err, err)
}
