package rediscache_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/redisclient"
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
	store, err := rediscache.New(client, rediscache.Options{Prefix: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := store.Set(ctx, "greeting", []byte("hello"), time.Minute); err != nil {
		fmt.Println(err)
		return
	}
	value, err := store.Get(ctx, "greeting")
	fmt.Printf("%s %v\n", value, err)
	_, err = store.Get(ctx, "farewell")
	fmt.Println(errors.Is(err, cache.ErrMiss))
}
