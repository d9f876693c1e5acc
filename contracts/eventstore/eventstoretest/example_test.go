package eventstoretest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/eventstore/eventstoretest"
)

func ExampleRun() {
	var open func(t *testing.T) eventstore.Log // of the adapter under test
	_ = func(t *testing.T) { eventstoretest.Run(t, open) }
	// Output:
}
