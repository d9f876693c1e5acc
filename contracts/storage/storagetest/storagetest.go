// Package storagetest checks that a [storage.Store] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) storage.Store { return open(t) })
//	}
package storagetest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// Run checks every rule of [storage.Store] and of the abilities that the store
// has, each on a store of its own. newStore returns an empty store and
// registers its own cleanup on t. A rule about an ability that the store lacks
// is a skip that says so.
func Run(t *testing.T, newStore func(t *testing.T) storage.Store, opts ...Option) {
	t.Helper()
	o := options{large: 5 << 20, rounds: 20}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(&env{t.Context(), newStore(t), o})
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this store cannot: %v\nstorage: %s", err, r.says)
			default:
				t.Errorf("%v\nstorage: %s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct {
	large  int
	rounds int
}

// Large sets the size of the large blobs, 5 MiB by default: make it larger
// than a part of a backend that writes in parts.
func Large(bytes int) Option { return func(o *options) { o.large = bytes } }

// Rounds sets how often each race is run, 20 times by default.
func Rounds(n int) Option { return func(o *options) { o.rounds = n } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name     string
	says     string // the promise, in the contract's words
	optional bool   // errors.ErrUnsupported is an answer
	check    func(*env) error
}

// env is what a check works with.
type env struct {
	ctx context.Context
	s   storage.Store
	options
}

func rules() []rule {
	return slices.Concat(keyRules, writeRules, conditionRules, readRules, listRules, copyRules, raceRules)
}
