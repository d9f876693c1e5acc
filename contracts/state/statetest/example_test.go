package statetest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/contracts/state/statetest"
)

func ExampleRun() {
	var open func(t *testing.T) state.Store // of the adapter under test
	_ = func(t *testing.T) { statetest.Run(t, open) }
	// Output:
}
