package sagatest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/saga/sagatest"
)

func ExampleRun() {
	var newSite func(t *testing.T) sagatest.Site // of the adapter under test
	_ = func(t *testing.T) { sagatest.Run(t, newSite) }
	// Output:
}
