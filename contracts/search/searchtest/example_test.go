package searchtest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/search/searchtest"
)

func ExampleRun() {
	var open func(t *testing.T) search.Engine // of the adapter under test
	_ = func(t *testing.T) { searchtest.Run(t, open) }
	// Output:
}
