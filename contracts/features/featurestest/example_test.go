package featurestest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/features"
	"github.com/lexigram/lexigram-go/contracts/features/featurestest"
)

func ExampleRunProvider() {
	var open func(t *testing.T, seed map[string]any) features.Provider // of the adapter under test
	_ = func(t *testing.T) { featurestest.RunProvider(t, open) }
	// Output:
}
