package idempotency_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

func ExampleDo() {
	ctx := context.Background()
	var store idempotency.Store = newMapStore() // of a backend
	charge := func(context.Context, idempotency.Claim) ([]byte, error) {
		fmt.Println("charging")
		return []byte("receipt 17"), nil
	}
	fingerprint := idempotency.Fingerprint([]byte("order 7"), []byte("19.90 EUR"))
	for range 2 {
		out, err := idempotency.Do(ctx, store, "tenant-1/order-7", fingerprint, charge)
		fmt.Printf("%s %v %v\n", out.Result, out.Replayed, err)
	}
	// Output:
	// charging
	// receipt 17 false <nil>
	// receipt 17 true <nil>
}
