package codectest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/codec/codectest"
)

func ExampleRun() {
	var open func(t *testing.T) codec.Codec // of the adapter under test
	_ = func(t *testing.T) { codectest.Run(t, open) }
	// Output:
}
