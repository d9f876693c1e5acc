// Package vectortest checks that a [vector.Store] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		vectortest.Run(t, func(t *testing.T) vector.Store { return open(t) })
//	}
package vectortest

import (
	"context"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

// Run checks every rule of [vector.Store] and [vector.Collection], each on a
// store of its own. newStore returns a store without collections and registers
// its own cleanup on t. Filters that the backend answers with
// filter.ErrUnsupported are listed in the log of the rule.
func Run(t *testing.T, newStore func(t *testing.T) vector.Store, opts ...Option) {
	t.Helper()
	o := options{points: 5_000}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range slices.Concat(storeRules, pointRules, queryRules, scoreRules, filterRules, indexRules) {
		t.Run(r.name, func(t *testing.T) {
			e := &env{ctx: t.Context(), store: newStore(t), options: o}
			if err := r.check(e); err != nil {
				t.Errorf("%v\nvector: %s", err, r.says)
			}
			for _, name := range e.unsupported {
				t.Logf("not supported by this backend: filter %q", name)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct{ points int }

// Points sets how many points the rule of recall uses, 5,000 by default and
// 1,000 at least; more are a harder test of an index, and a longer one.
func Points(n int) Option { return func(o *options) { o.points = max(n, 1_000) } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as package vector words it
	check func(e *env) error
}

// An env is what a check works with.
type env struct {
	options
	ctx         context.Context
	store       vector.Store
	unsupported []string // names of filters
}

// create makes a collection and fills it.
func (e *env) create(cfg vector.Config, points ...vector.Point) (vector.Collection, error) {
	c, err := e.store.Create(e.ctx, "things", cfg)
	if err != nil {
		return nil, err
	}
	return c, c.Upsert(e.ctx, points...)
}

// ids searches c and returns the IDs of what it finds, best first.
func (e *env) ids(c vector.Collection, q vector.Query) ([]string, error) {
	found, err := c.Search(e.ctx, q)
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	return ids, err
}

// at returns a point without payload.
func at(id string, v ...float32) vector.Point { return vector.Point{ID: id, Vector: v} }

// near returns an exact query.
func near(v ...float32) vector.Query { return vector.Query{Vector: v, Exact: true} }
