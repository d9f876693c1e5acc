package vectortest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/contracts/vector/vectortest"
)

func ExampleRun() {
	var open func(t *testing.T) vector.Store // of the adapter under test
	_ = func(t *testing.T) { vectortest.Run(t, open) }
	// Output:
}
