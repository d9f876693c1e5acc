// Package cachetest checks that a [cache.Store] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		cachetest.Run(t, func(t *testing.T) cache.Store { return open(t) })
//	}
package cachetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// Run checks every rule of [cache.Store], and of each optional interface of
// contracts/cache that the store has, each on a store of its own. newStore returns an empty store and
// registers its own cleanup on t. A rule about an ability that the store lacks
// is a skip that says so.
func Run(t *testing.T, newStore func(t *testing.T) cache.Store, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	all := rules()
	if o.tooLarge > 0 {
		all = append(all, sizeRule(o.tooLarge))
	}
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(o.context(t.Context()), newStore(t), o.tick)
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this store cannot: %v\ncache: %s", err, r.says)
			default:
				t.Errorf("%v\ncache.Store: %s", err, r.says)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct {
	tick     time.Duration
	tooLarge int
	context  func(context.Context) context.Context
}

func newOptions(opts []Option) options {
	o := options{tick: 50 * time.Millisecond, context: func(ctx context.Context) context.Context { return ctx }}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Tick sets the unit that expiry rules wait in, 50 ms by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// TooLarge names a number of bytes that the store takes no value of, which is
// then checked. Without it no value is too large for the suite.
func TooLarge(bytes int) Option { return func(o *options) { o.tooLarge = bytes } }

// Context has every context of the suite be one that in returns, such as one of
// a tenant.
func Context(in func(context.Context) context.Context) Option {
	return func(o *options) { o.context = in }
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name     string
	says     string // the promise, as cache.Store words it
	optional bool   // errors.ErrUnsupported is an answer
	check    func(ctx context.Context, s cache.Store, tick time.Duration) error
}

func rules() []rule {
	return slices.Concat(valueRules, argumentRules, expiryRules, batchRules, writeRules, patternRules, swapRules, countRules, watchRules, abilityRules)
}
