package memorystate_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorystate"
)

func Example() {
	ctx := context.Background()
	store, err := memorystate.New(memorystate.Options{MaxBytes: 16 << 20})
	if err != nil {
		panic(err)
	}
	if err := store.Set(ctx, "session:7", []byte("Ada"), 30*time.Minute); err != nil {
		panic(err)
	}
	err = store.Swap(ctx, "session:7", []byte("Grace"), []byte("Ada, admin"), time.Hour)
	fmt.Println(errors.Is(err, state.ErrChanged))
	fmt.Println(store.Delete(ctx, "session:7"))
	// Output:
	// true
	// true <nil>
}
