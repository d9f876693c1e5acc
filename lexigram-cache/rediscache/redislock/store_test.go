package redislock_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/lock/locktest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redistest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func on(t *testing.T, client redis.UniversalClient) *redislock.Store {
	t.Helper()
	s, err := redislock.New(client, redislock.Options{Prefix: redistest.Prefix()})
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

func TestConformance(t *testing.T) {
	locktest.Run(t, func(t *testing.T) lock.Store { return on(t, redistest.Client(t)) })
}

func TestModule(t *testing.T) { redistest.CheckModule(t, redislock.Module(redislock.Config{})) }

func TestNobodyThere(t *testing.T) {
	s := on(t, redistest.Nowhere(t))
	_, errAcquire := s.Acquire(t.Context(), "n", "a", time.Minute)
	_, errInspect := s.Inspect(t.Context(), "n")
	redistest.CheckUnavailable(t, lock.Err, map[string]error{
		"Acquire": errAcquire, "Extend": s.Extend(t.Context(), "n", "a", time.Minute), "Release": s.Release(t.Context(), "n", "a"),
		"Inspect": errInspect, "Wait": s.Wait(t.Context(), "n"),
	})
}

func TestInvalidOptions(t *testing.T) {
	for _, opts := range []redislock.Options{{Prefix: "a:b"}, {Keep: -1}, {Keep: time.Second}} {
		_, err := redislock.New(redistest.Nowhere(t), opts)
		redistest.CheckInvalid(t, lock.Err, err)
	}
	_, err := redislock.New(nil, redislock.Options{})
	redistest.CheckInvalid(t, lock.Err, err)
}

// TestClose ends whoever waits, and nobody waits after it.
func TestClose(t *testing.T) {
	s := on(t, redistest.Client(t))
	if _, err := s.Acquire(t.Context(), "n", "a", time.Minute); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Wait(t.Context(), "n") }()
	select {
	case err := <-ended:
		t.Fatalf("Wait = %v although the name is held", err)
	case <-time.After(50 * time.Millisecond):
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	redistest.CheckUnavailable(t, lock.Err, map[string]error{"Wait before": <-ended, "Wait after": s.Wait(t.Context(), "n")})
	if err := s.Release(t.Context(), "n", "a"); err != nil {
		t.Errorf("Release after Close = %v", err)
	}
}
