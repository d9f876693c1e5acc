package repotest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/repo/repotest"
)

func ExampleRun() {
	var open func(t *testing.T) repotest.Items // of the adapter under test
	_ = func(t *testing.T) { repotest.Run(t, open) }
	// Output:
}
