package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/ratelimit"
)

func Example() {
	limiter, err := ratelimit.New(resilience.Rate{Events: 2, Per: time.Hour}, ratelimit.Options{})
	if err != nil {
		panic(err)
	}
	for range 3 {
		d, err := limiter.Allow(context.Background(), "203.0.113.7", 1)
		fmt.Println(d.Allowed, d.Remaining, err)
	}
	// Output:
	// true 1 <nil>
	// true 0 <nil>
	// false 0 <nil>
}

// broken is a limiter that cannot be reached.
type broken struct{}

func (broken) Allow(context.Context, string, int) (resilience.Decision, error) {
	return resilience.Decision{}, errors.New("connection refused")
}

func ExampleNewFallback() {
	rate := resilience.Rate{Events: 100, Per: time.Minute} // of all processes
	local, err := ratelimit.New(resilience.Rate{Events: 10, Per: time.Minute}, ratelimit.Options{})
	if err != nil {
		panic(err)
	}
	limiter, err := ratelimit.NewFallback(broken{}, rate, ratelimit.FallbackOptions{Policy: ratelimit.Local, Local: local})
	if err != nil {
		panic(err)
	}
	d, err := limiter.Allow(context.Background(), "203.0.113.7", 1)
	fmt.Println(d.Allowed, d.Remaining, err)
	// Output: true 9 <nil>
}
