package cqrstest_test

import (
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/cqrs/cqrstest"
)

func ExampleRunCommands() {
	var open func(t *testing.T, mw ...cqrs.Middleware) cqrs.CommandBus // of the adapter under test
	_ = func(t *testing.T) { cqrstest.RunCommands(t, open) }
	// Output:
}
