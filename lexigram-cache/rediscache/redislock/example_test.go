package redislock_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redislock"
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
	store, err := redislock.New(client, redislock.Options{Prefix: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	err = lock.With(ctx, store, "reports/daily", 30*time.Second, func(ctx context.Context, fence uint64) error {
		return write(ctx, fence) // to what refuses smaller fences
	})
	fmt.Println(err)
}

func write(context.Context, uint64) error { return nil }
