// Package tenancytest checks that a [tenancy.Directory] and a
// [tenancy.Resolver] keep their contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		tenancytest.RunDirectory(t, func(t *testing.T) tenancy.Directory { return open(t) })
//	}
package tenancytest

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// RunDirectory checks every rule of [tenancy.Directory], each on a directory of
// its own. open returns an empty one and registers its own cleanup on t.
func RunDirectory(t *testing.T, open func(t *testing.T) tenancy.Directory) {
	t.Helper()
	run(t, directoryRules, "tenancy.Directory", open)
}

// RunResolver checks every rule of [tenancy.Resolver] with the requests of
// cases. open registers its own cleanup on t.
func RunResolver(t *testing.T, open func(t *testing.T) tenancy.Resolver, cases Cases) {
	t.Helper()
	run(t, resolverRules(cases), "tenancy.Resolver", open)
}

// A rule is one promise of a contract and the check that tries to break it.
type rule[T any] struct {
	name  string
	says  string // the promise, in the contract's words
	check func(ctx context.Context, subject T) error
}

func run[T any](t *testing.T, rules []rule[T], contract string, open func(t *testing.T) T) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), open(t)); err != nil {
				t.Errorf("%v\n%s: %s", err, contract, r.says)
			}
		})
	}
}
