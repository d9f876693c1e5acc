package memorystorage_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/lexigram-storage/memorystorage"
)

func Example() {
	ctx := context.Background()
	store := memorystorage.New()
	if _, err := store.Put(ctx, "greeting", strings.NewReader("hello"), storage.ContentType("text/plain")); err != nil {
		panic(err)
	}
	data, info, err := storage.ReadAll(ctx, store, "greeting", 1<<20)
	fmt.Printf("%s %s %v\n", data, info.ContentType, err)
	// Output: hello text/plain <nil>
}
