package redislimit_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/resilience/resiliencetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redistest"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislimit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var rate = resilience.Rate{Events: 10, Per: time.Second}

func on(t *testing.T, client redis.UniversalClient, rate resilience.Rate) *redislimit.Limiter {
	t.Helper()
	l, err := redislimit.New(client, rate, redislimit.Options{Prefix: redistest.Prefix()})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestConformance(t *testing.T) {
	resiliencetest.RunLimiter(t, func(t *testing.T, rate resilience.Rate) resilience.Limiter {
		return on(t, redistest.Client(t), rate)
	})
}

func TestModule(t *testing.T) {
	redistest.CheckModule(t, redislimit.Module(redislimit.Config{Events: 10, Per: time.Second}))
}

// TestNobodyThere fails closed.
func TestNobodyThere(t *testing.T) {
	d, err := on(t, redistest.Nowhere(t), rate).Allow(t.Context(), "k", 1)
	redistest.CheckUnavailable(t, resilience.Err, map[string]error{"Allow": err})
	if d.Allowed {
		t.Error("it is allowed all the same")
	}
}

func TestInvalidOptions(t *testing.T) {
	client := redistest.Nowhere(t)
	_, errRate := redislimit.New(client, resilience.Rate{}, redislimit.Options{})
	_, errPrefix := redislimit.New(client, rate, redislimit.Options{Prefix: "a:b"})
	_, errName := redislimit.New(client, rate, redislimit.Options{Name: "a:b"})
	_, errClient := redislimit.New(nil, rate, redislimit.Options{})
	for _, err := range []error{errRate, errPrefix, errName, errClient} {
		redistest.CheckInvalid(t, resilience.Err, err)
	}
	if redislimit.Module(redislimit.Config{}).Config.(interface{ Validate() error }).Validate() == nil {
		t.Error("a section without a rate is valid")
	}
}

// TestSmallAndLarge counts events that come back in nanoseconds, and in years.
func TestSmallAndLarge(t *testing.T) {
	client := redistest.Client(t)
	for _, rate := range []resilience.Rate{
		{Events: 1_000_000, Per: time.Millisecond},
		{Events: 1, Per: 99 * 365 * 24 * time.Hour},
		{Events: 1_000_000_000, Per: 90 * 365 * 24 * time.Hour},
		{Events: 1, Per: time.Hour, Burst: 10_000},
	} {
		l := on(t, client, rate)
		d, err := l.Allow(t.Context(), "k", rate.Capacity())
		if err != nil || !d.Allowed || d.Remaining != 0 && rate.Per > time.Second {
			t.Fatalf("%+v: all at once: %+v, %v", rate, d, err)
		}
		if rate.Per < time.Second {
			continue // it is all back by now
		}
		d, err = l.Allow(t.Context(), "k", 1)
		if one := rate.Per / time.Duration(rate.Events); err != nil || d.Allowed || d.RetryAfter > one+time.Microsecond || d.RetryAfter < one-one/10-time.Minute {
			t.Errorf("%+v: one more: %+v, %v, want that it comes back after %v", rate, d, err, one)
		}
	}
}
