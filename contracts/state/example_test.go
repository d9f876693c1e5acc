package state_test

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// Count adds one to the number under key, whoever else does so at the same time.
func Count(ctx context.Context, s state.Store, key string) error {
	return state.Update(ctx, s, key, time.Hour, func(old []byte, exists bool) ([]byte, error) {
		n := 0
		if exists {
			var err error
			if n, err = strconv.Atoi(string(old)); err != nil {
				return nil, err
			}
		}
		return strconv.AppendInt(nil, int64(n+1), 10), nil
	})
}

func ExampleUpdate() {
	ctx := context.Background()
	store := able{mapStore{}, nil} // of a backend
	for range 3 {
		if err := Count(ctx, store, "visits"); err != nil {
			panic(err)
		}
	}
	visits, err := store.Get(ctx, "visits")
	fmt.Printf("%s %v\n", visits, err)
	// Output: 3 <nil>
}
