//go:build failpoint

package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
)

// at blocks for ever at the point that $ASKDOCS_FAILPOINT names, the first time
// it is reached, so that a test can kill the process just there.
func at() func(ctx context.Context, point string) error {
	name := os.Getenv("ASKDOCS_FAILPOINT")
	var reached atomic.Bool
	return func(_ context.Context, point string) error {
		if point == name && reached.CompareAndSwap(false, true) {
			fmt.Fprintln(os.Stderr, "failpoint reached:", point)
			select {}
		}
		return nil
	}
}
