package eventstest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events/eventstest"
)

func ExampleRun() {
	var open func(t *testing.T) eventstest.Bus // of the adapter under test
	_ = func(t *testing.T) { eventstest.Run(t, open, eventstest.Keeps()) }
	// Output:
}
