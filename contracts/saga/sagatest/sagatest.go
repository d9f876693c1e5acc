// Package sagatest checks that a [saga.Manager] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		sagatest.Run(t, func(t *testing.T) sagatest.Site {
//			store := open(t)
//			return func(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error) { return New(store, c, sagas...) }
//		})
//	}
package sagatest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A Site makes managers of sagas over one store, as processes of their own do.
// They run nothing by themselves, and their leases end within an hour by the clock.
type Site func(c clock.Clock, sagas ...saga.Saga) (saga.Manager, error)

// Run checks every rule of [saga.Manager], each on a site of its own. newSite
// returns one without instances and registers its own cleanup on t. A rule
// about an ability that the store lacks is a skip that says so.
func Run(t *testing.T, newSite func(t *testing.T) Site) {
	t.Helper()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), &place{site: newSite(t)})
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this manager cannot: %v\nsaga: %s", err, r.says)
			default:
				t.Errorf("%v\nsaga.Manager: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name     string
	says     string // the promise, as the contract words it
	optional bool   // errors.ErrUnsupported is an answer
	check    func(ctx context.Context, p *place) error
}

func rules() []rule {
	return slices.Concat(startRules, orderRules, failureRules, doubtRules, versionRules, takeoverRules, eventRules, timeRules, cancelRules, askRules)
}

// A place is where one rule is checked.
type place struct {
	site  Site
	clock clocktest.Fake
}

// open returns a manager of the sagas.
func (p *place) open(sagas ...saga.Saga) (saga.Manager, error) { return p.site(&p.clock, sagas...) }
