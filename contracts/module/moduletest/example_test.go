package moduletest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
)

func ExampleRun() {
	var newModule func() module.Descriptor // the function that the package offers
	_ = func(t *testing.T) { moduletest.Run(t, newModule) }
	// Output:
}
