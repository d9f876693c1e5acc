// Package eventstoretest checks that an [eventstore.Log] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		eventstoretest.Run(t, func(t *testing.T) eventstore.Log { return open(t) })
//	}
package eventstoretest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

// Run checks every rule of [eventstore.Log], each on a store of its own, and
// those of ambient transactions if the store is a [Transactor]. newStore
// returns an empty store and registers its own cleanup on t. A rule about
// an ability that the store lacks is a skip that says so. With -short the rules of
// several writers take fewer rounds.
func Run(t *testing.T, newStore func(t *testing.T) eventstore.Log) {
	t.Helper()
	p := pace{patience: 20 * time.Second, tick: 50 * time.Millisecond, rounds: 600}
	if testing.Short() {
		p.rounds = 40
	}
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), newStore(t), p)
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this store cannot: %v\neventstore: %s", err, r.says)
			default:
				t.Errorf("%v\neventstore.Log: %s", err, r.says)
			}
		})
	}
}

// A Transactor is what the store that is tested is too if Append joins a
// transaction of its ctx, such as one that embeds the store and its database.
type Transactor interface {
	// InTx calls fn in a transaction and commits if it returns nil.
	InTx(ctx context.Context, fn func(ctx context.Context) error) error
}

// pace is how long checks wait and how much they do.
type pace struct {
	patience time.Duration // for what must happen
	tick     time.Duration // for what must not
	rounds   int
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name     string
	says     string // the promise, as the contract words it
	optional bool   // errors.ErrUnsupported is an answer
	check    func(ctx context.Context, s eventstore.Log, p pace) error
}

func rules() []rule {
	return slices.Concat(appendRules, readRules, logRules, concurrentRules, transactionRules)
}
