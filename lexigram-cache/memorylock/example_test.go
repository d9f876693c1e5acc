package memorylock_test

import (
	"context"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorylock"
)

func Example() {
	ctx := context.Background()
	store, err := memorylock.New(memorylock.Options{})
	if err != nil {
		panic(err)
	}
	err = lock.With(ctx, store, "reports/daily", 30*time.Second, func(ctx context.Context, fence uint64) error {
		info, err := lock.Inspect(ctx, store, "reports/daily")
		fmt.Println(info.Fence == fence)
		return err
	}, lock.Owner("worker-3"))
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleKeyed_Lock() {
	var accounts memorylock.Keyed
	unlock, err := accounts.Lock(context.Background(), "bob", "alice")
	if err != nil {
		panic(err)
	}
	defer unlock()
	fmt.Println("both are ours")
	// Output: both are ours
}
