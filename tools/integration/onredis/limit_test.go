package onredis

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/resilience/resiliencetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/ratelimit"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislimit"
)

func openLimiter(t testing.TB, client redis.UniversalClient, rate resilience.Rate) *redislimit.Limiter {
	t.Helper()
	l, err := redislimit.New(client, rate, redislimit.Options{Prefix: prefix()})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLimiter(t *testing.T) {
	each(t, func(t *testing.T, client redis.UniversalClient) {
		resiliencetest.RunLimiter(t, func(t *testing.T, rate resilience.Rate) resilience.Limiter {
			return openLimiter(t, client, rate)
		})
	})
}

// TestLeasedLimiter takes two events of the server's at a time.
func TestLeasedLimiter(t *testing.T) {
	client := single(t)
	resiliencetest.RunLimiter(t, func(t *testing.T, rate resilience.Rate) resilience.Limiter {
		l, err := ratelimit.NewLease(openLimiter(t, client, rate), rate, ratelimit.LeaseOptions{Size: 2})
		if err != nil {
			t.Fatal(err)
		}
		return l
	})
}
