package clitest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
)

func ExampleRun() {
	var newContributor func() cli.Contributor // of the module under test
	_ = func(t *testing.T) { clitest.Run(t, newContributor) }
	// Output:
}
