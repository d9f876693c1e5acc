package lock_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

func ExampleWith() {
	var store lock.Store = newMapStore() // of a backend
	err := lock.With(context.Background(), store, "reports/daily", 30*time.Second, func(ctx context.Context, fence uint64) error {
		_, err := lock.TryAcquire(ctx, store, "reports/daily", time.Second)
		fmt.Println(fence, errors.Is(err, lock.ErrHeld))
		return nil
	})
	fmt.Println(err)
	// Output:
	// 1 true
	// <nil>
}
