package observetest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
)

func ExampleRun() {
	var open func(t *testing.T) observe.Sink // of the adapter under test
	_ = func(t *testing.T) { observetest.Run(t, open) }
	// Output:
}
