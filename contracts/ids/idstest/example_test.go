package idstest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/ids"
	"github.com/lexigram/lexigram-go/contracts/ids/idstest"
)

func ExampleRun() {
	var open func(t *testing.T) ids.Generator // of the adapter under test
	_ = func(t *testing.T) { idstest.Run(t, open) }
	// Output:
}
