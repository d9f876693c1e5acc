// Package ditest checks that a [di.Container] keeps its contract.
//
// A container's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		ditest.Run(t, func(t *testing.T) di.Container { return container.New() })
//	}
package ditest

import (
	"context"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// Run checks every rule of [di.Container], each on a container of its own.
// newContainer returns an empty one and registers its own cleanup on t.
func Run(t *testing.T, newContainer func(t *testing.T) di.Container, opts ...Option) {
	t.Helper()
	o := options{tick: 20 * time.Millisecond}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newContainer(t), o.tick); err != nil {
				t.Errorf("%v\n%s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the container; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

// Tick sets how long a rule waits for a goroutine to begin waiting, 20 ms by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as package di words it
	check func(ctx context.Context, c di.Container, tick time.Duration) error
}

func rules() []rule {
	var all []rule
	for _, group := range [][]rule{graphRules, optionalRules, buildRules, lifetimeRules, bindRules, closeRules} {
		all = append(all, group...)
	}
	return all
}
