package cachetest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cache/cachetest"
)

func ExampleRun() {
	var open func(t *testing.T) cache.Store // of the adapter under test
	_ = func(t *testing.T) { cachetest.Run(t, open) }
	// Output:
}
