package tenancytest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/tenancy/tenancytest"
)

func ExampleRunDirectory() {
	var open func(t *testing.T) tenancy.Directory // of the adapter under test
	_ = func(t *testing.T) { tenancytest.RunDirectory(t, open) }
	// Output:
}
