package storagetest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
	"github.com/lexigram/lexigram-go/contracts/storage/storagetest"
)

func ExampleRun() {
	var open func(t *testing.T) storage.Store // of the adapter under test
	_ = func(t *testing.T) { storagetest.Run(t, open) }
	// Output:
}
