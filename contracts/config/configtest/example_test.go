package configtest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/config/configtest"
)

func ExampleRun() {
	var load func(t *testing.T, content configtest.Content) config.Config // of the loader under test
	_ = func(t *testing.T) { configtest.Run(t, load) }
	// Output:
}
