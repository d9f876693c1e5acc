package lifecycletest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/lifecycle/lifecycletest"
)

func ExampleRun() {
	var open func(t *testing.T) lifecycle.Provider // of the adapter under test
	_ = func(t *testing.T) { lifecycletest.Run(t, open) }
	// Output:
}
