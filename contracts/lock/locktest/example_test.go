package locktest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/lock/locktest"
)

func ExampleRun() {
	var open func(t *testing.T) lock.Store // of the adapter under test
	_ = func(t *testing.T) { locktest.Run(t, open) }
	// Output:
}
