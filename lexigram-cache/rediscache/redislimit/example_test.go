package redislimit_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislimit"
)

// It needs a server, and is compiled only.
func Example() {
	ctx := context.Background()
	client, err := redisclient.Open(ctx, redisclient.Config{URL: config.NewSecret("redis://app:secret@127.0.0.1:6379/0")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	limiter, err := redislimit.New(client, resilience.Rate{Events: 100, Per: time.Minute}, redislimit.Options{Name: "logins"})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := limiter.Allow(ctx, "203.0.113.7", 1)
	fmt.Println(d.Allowed, d.RetryAfter, err)
}
