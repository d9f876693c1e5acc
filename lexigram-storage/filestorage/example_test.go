//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/lexigram-storage/filestorage"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "blobs")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	store, err := filestorage.Open(filestorage.Config{Dir: dir})
	if err != nil {
		panic(err)
	}
	defer store.Close()
	for range 2 {
		_, err = store.Put(ctx, "reports/2026.txt", strings.NewReader("all is well"), storage.IfAbsent())
		fmt.Println(errors.Is(err, storage.ErrPrecondition))
	}
	for info, err := range store.List(ctx, "reports/") {
		fmt.Println(info.Key, info.Size, err)
	}
	// Output:
	// false
	// true
	// reports/2026.txt 11 <nil>
}
