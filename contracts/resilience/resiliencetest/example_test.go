package resiliencetest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/resilience/resiliencetest"
)

func ExampleRunLimiter() {
	var open func(t *testing.T, rate resilience.Rate) resilience.Limiter // of the adapter under test
	_ = func(t *testing.T) { resiliencetest.RunLimiter(t, open) }
	// Output:
}
