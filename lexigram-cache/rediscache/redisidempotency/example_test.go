package redisidempotency_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisidempotency"
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
	store, err := redisidempotency.New(client, redisidempotency.Options{Prefix: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := idempotency.Do(ctx, store, "order/7", "", func(ctx context.Context, c idempotency.Claim) ([]byte, error) {
		return charge(ctx)
	})
	fmt.Println(out.Replayed, err)
}

func charge(context.Context) ([]byte, error) { return nil, nil }
