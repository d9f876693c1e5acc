package pagetest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/page/pagetest"
)

func ExampleRun() {
	var open func(t *testing.T, n int) page.Fetch[page.Cursor[string]] // of the adapter under test
	_ = func(t *testing.T) { pagetest.Run(t, open) }
	// Output:
}
