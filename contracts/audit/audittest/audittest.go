// Package audittest checks that an [audit.Store] and an [audit.Logger] keep their contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		audittest.RunStore(t, func(t *testing.T) audit.Store { return open(t) })
//	}
package audittest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

// RunStore checks every rule of [audit.Store], and of [audit.Counter] and
// [audit.Expirer] if the store is one, each on a store of its own. open returns an
// empty one and registers its own cleanup on t. A rule about an ability that the store
// lacks is a skip that says so.
func RunStore(t *testing.T, open func(t *testing.T) audit.Store) {
	t.Helper()
	run(t, storeRules(), "audit.Store", open)
}

// Recorder is a logger under test and where its entries are found.
type Recorder struct {
	Logger audit.Logger
	Reader audit.Reader
}

// RunLogger checks every rule of [audit.Logger], each on one of its own, whose reader has
// no entries.
func RunLogger(t *testing.T, open func(t *testing.T) Recorder) {
	t.Helper()
	run(t, loggerRules, "audit.Logger", open)
}

// A rule is one promise of a contract and the check that tries to break it.
type rule[T any] struct {
	name     string
	says     string // the promise, in the contract's words
	optional bool   // errors.ErrUnsupported is an answer
	check    func(ctx context.Context, subject T) error
}

func run[T any](t *testing.T, rules []rule[T], contract string, open func(t *testing.T) T) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), open(t))
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this one cannot: %v\n%s: %s", err, contract, r.says)
			default:
				t.Errorf("%v\n%s: %s", err, contract, r.says)
			}
		})
	}
}

func storeRules() []rule[audit.Store] { return slices.Concat(appendRules, queryRules, abilityRules) }
