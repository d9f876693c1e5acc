package memorycache_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorycache"
)

func Example() {
	ctx := context.Background()
	store, err := memorycache.New(memorycache.Options{MaxBytes: 16 << 20})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	if err := store.Set(ctx, "greeting", []byte("hello"), time.Minute); err != nil {
		panic(err)
	}
	value, err := store.Get(ctx, "greeting")
	fmt.Printf("%s %v\n", value, err)
	_, err = store.Get(ctx, "farewell")
	fmt.Println(errors.Is(err, cache.ErrMiss))
	// Output:
	// hello <nil>
	// true
}

func ExampleLocal() {
	local, err := memorycache.NewLocal(memorycache.LocalOptions{MaxEntries: 1000})
	if err != nil {
		panic(err)
	}
	defer local.Close()
	local.Set("users", "answer", 42, 0)
	fmt.Println(local.Get("users", "answer"))
	// Output: 42 true
}
