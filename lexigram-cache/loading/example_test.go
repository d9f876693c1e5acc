package loading_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/lexigram-cache/loading"
)

func Example() {
	type user struct{ Name string }
	ctx := context.Background()
	store := newStore() // any cache.Store, such as memorycache.New
	users, err := loading.New[user](store, loading.Options{TTL: time.Minute, Jitter: 0.1, Prefix: "user:"})
	if err != nil {
		panic(err)
	}
	load := func(ctx context.Context, _ string) (user, error) {
		fmt.Println("loading")
		return user{Name: "Ada"}, nil
	}
	for range 2 {
		u, err := users.Fetch(ctx, "7", load)
		fmt.Println(u.Name, err)
	}
	// Output:
	// loading
	// Ada <nil>
	// Ada <nil>
}
