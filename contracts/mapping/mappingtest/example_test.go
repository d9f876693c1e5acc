package mappingtest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/mapping"
	"github.com/lexigram/lexigram-go/contracts/mapping/mappingtest"
)

func ExampleRun() {
	var open func(t *testing.T) mapping.Mapper // of the adapter under test
	_ = func(t *testing.T) { mappingtest.Run(t, open) }
	// Output:
}
