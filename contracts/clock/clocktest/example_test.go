package clocktest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
)

func ExampleRun() {
	var open func(t *testing.T) clock.Clock // of the adapter under test
	_ = func(t *testing.T) { clocktest.Run(t, open) }
	// Output:
}
