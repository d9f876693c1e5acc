package healthtest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/health/healthtest"
)

func ExampleRun() {
	var open func(t *testing.T) health.Checker // of the adapter under test
	_ = func(t *testing.T) { healthtest.Run(t, open) }
	// Output:
}
