package idempotencytest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/idempotency/idempotencytest"
)

func ExampleRun() {
	var open func(t *testing.T) idempotency.Store // of the adapter under test
	_ = func(t *testing.T) { idempotencytest.Run(t, open) }
	// Output:
}
