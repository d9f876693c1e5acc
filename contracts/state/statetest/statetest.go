// Package statetest checks that a [state.Store] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		statetest.Run(t, func(t *testing.T) state.Store { return open(t) })
//	}
package statetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// Run checks every rule of [state.Store], and of [state.Expirer],
// [state.Swapper] and [state.Batcher] if the store is one, each on a store of
// its own. newStore returns an empty store and registers its own cleanup on t.
// A rule about an ability that the store lacks is a skip that says so.
func Run(t *testing.T, newStore func(t *testing.T) state.Store, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), newStore(t), o.tick)
			if err != nil && r.hurries {
				err = r.check(t.Context(), newStore(t), 10*o.tick)
			}
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this store cannot: %v\nstate: %s", err, r.says)
			default:
				t.Errorf("%v\nstate.Store: %s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

func newOptions(opts []Option) options {
	o := options{tick: 50 * time.Millisecond}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Tick sets the unit that expiry rules wait in, 50 ms by default. A request to
// the backend takes much less.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name     string
	says     string // the promise, as state.Store words it
	optional bool   // errors.ErrUnsupported is an answer
	hurries  bool   // a machine that is slow for a tick fails it, so it has a second try with ten
	check    func(ctx context.Context, s state.Store, tick time.Duration) error
}

func rules() []rule {
	return slices.Concat(valueRules, argumentRules, expiryRules, swapRules, batchRules)
}
