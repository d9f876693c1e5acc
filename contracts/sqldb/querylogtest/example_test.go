package querylogtest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/sqldb/querylogtest"
)

func ExampleRun() {
	var open func(t *testing.T) querylogtest.Log // of the adapter under test
	_ = func(t *testing.T) { querylogtest.Run(t, open) }
	// Output:
}
