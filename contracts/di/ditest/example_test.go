package ditest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/di/ditest"
)

func ExampleRun() {
	var open func(t *testing.T) di.Container // of the adapter under test
	_ = func(t *testing.T) { ditest.Run(t, open) }
	// Output:
}
