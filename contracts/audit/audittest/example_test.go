package audittest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/audit/audittest"
)

func ExampleRunStore() {
	var open func(t *testing.T) audit.Store // of the adapter under test
	_ = func(t *testing.T) { audittest.RunStore(t, open) }
	// Output:
}
