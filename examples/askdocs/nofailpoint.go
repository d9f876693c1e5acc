//go:build !failpoint

package main

import "context"

// at returns what the library calls between its steps; only fault tests, built
// with the tag failpoint, have something to do there.
func at() func(ctx context.Context, point string) error { return nil }
