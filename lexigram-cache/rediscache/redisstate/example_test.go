package redisstate_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisstate"
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
	store, err := redisstate.New(client, redisstate.Options{Prefix: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = state.Update(ctx, store, "visits", state.Permanent, func(old []byte, exists bool) ([]byte, error) {
		return append(old, 1), nil
	})
	fmt.Println(err)
}
