package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/sony/gobreaker/v2"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/resilient"
)

var errCall = errors.New("the call failed")

// TestBreakersAgree gives three breakers of one configuration the same calls,
// one after the other: they must let the same ones through.
func TestBreakersAgree(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) { agree(t, rand.Uint64(), 200) })
	}
}

func agree(t *testing.T, seed uint64, calls int) {
	const threshold, probes = 3, 2
	ours, err := resilient.NewBreaker(resilient.BreakerOptions{Name: "x", Config: resilience.BreakerConfig{
		FailureThreshold: threshold, FailureRate: -1, OpenFor: time.Minute, Probes: probes, SuccessThreshold: probes,
	}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := resilient.New(resilient.Options{Name: "x", Breaker: ours})
	if err != nil {
		t.Fatal(err)
	}
	gobreaker := gobreaker.NewCircuitBreaker[int](gobreaker.Settings{
		MaxRequests: probes, Timeout: time.Minute,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= threshold },
	})
	failsafe := failsafe.With(circuitbreaker.NewBuilder[int]().
		WithFailureThreshold(threshold).WithSuccessThreshold(probes).WithDelay(time.Minute).Build())
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range calls {
		if random.IntN(4) == 0 {
			time.Sleep(31 * time.Second)
		}
		result := error(nil)
		if random.IntN(2) == 0 {
			result = errCall
		}
		made := [3]bool{}
		call := func(n int) func() (int, error) {
			return func() (int, error) { made[n] = true; return 0, result }
		}
		first := call(0)
		_, _ = resilience.Do(t.Context(), p, func(context.Context) (int, error) { return first() })
		_, _ = gobreaker.Execute(call(1))
		_, _ = failsafe.Get(call(2))
		if made[0] != made[1] || made[0] != made[2] {
			t.Fatalf("seed %d, call %d: let through by ours, gobreaker, failsafe: %v", seed, i, made)
		}
	}
}
