package memoryidempotency_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/lexigram-cache/memoryidempotency"
)

func Example() {
	ctx := context.Background()
	store, err := memoryidempotency.New(memoryidempotency.Options{})
	if err != nil {
		panic(err)
	}
	for range 2 {
		out, err := idempotency.Do(ctx, store, "tenant-1/order-7", "", func(context.Context, idempotency.Claim) ([]byte, error) {
			return []byte("receipt 17"), nil
		})
		fmt.Printf("%s %v %v\n", out.Result, out.Replayed, err)
	}
	// Output:
	// receipt 17 false <nil>
	// receipt 17 true <nil>
}
