// Package searchtest checks that a [search.Engine] keeps its contract.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		searchtest.Run(t, func(t *testing.T) search.Engine { return open(t) })
//	}
package searchtest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
)

// Run checks every rule of [search.Engine], each on an engine of its own.
// newEngine returns an engine without indexes and registers its own cleanup on
// t. Filters that the backend answers with filter.ErrUnsupported are listed in
// the log of the rule.
func Run(t *testing.T, newEngine func(t *testing.T) search.Engine, opts ...Option) {
	t.Helper()
	o := options{documents: 500}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range slices.Concat(indexRules, matchRules, rankRules, pageRules, filterRules) {
		t.Run(r.name, func(t *testing.T) {
			e := &env{ctx: t.Context(), engine: newEngine(t), options: o}
			if err := r.check(e); err != nil {
				t.Errorf("%v\nsearch.Engine: %s", err, r.says)
			}
			for _, name := range e.unsupported {
				t.Logf("not supported by this backend: filter %q", name)
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct{ documents int }

// Documents sets how many documents the rules of paging use, 500 by default and 50 at least.
func Documents(n int) Option { return func(o *options) { o.documents = max(n, 50) } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as package search words it
	check func(e *env) error
}

// An env is what a check works with.
type env struct {
	options
	ctx         context.Context
	engine      search.Engine
	unsupported []string // names of filters
}

const index = "things"

// fill indexes one document for each text.
func (e *env) fill(texts map[string]string) error {
	var docs []search.Document
	for id, text := range texts {
		docs = append(docs, doc(id, text))
	}
	return e.engine.Index(e.ctx, index, docs...)
}

func doc(id, text string) search.Document {
	return search.Document{ID: id, Text: map[string]string{"body": text}}
}

// ids returns the IDs of the hits of q, best first.
func (e *env) ids(q search.Query) ([]string, error) {
	page, err := e.engine.Search(e.ctx, index, q)
	ids := make([]string, len(page.Hits))
	for i, h := range page.Hits {
		ids[i] = h.ID
	}
	return ids, err
}

// want returns an error unless q finds exactly ids, in this order.
func (e *env) want(q search.Query, ids ...string) error {
	got, err := e.ids(q)
	if err == nil && !slices.Equal(got, ids) {
		err = fmt.Errorf("Search(%q) = %.200q, want %.200q", q.Text, got, ids)
	}
	return err
}

// wantSet is want in any order.
func (e *env) wantSet(q search.Query, ids ...string) error {
	got, err := e.ids(q)
	slices.Sort(got)
	if err == nil && !slices.Equal(got, ids) {
		err = fmt.Errorf("Search(%q) = %q in any order, want %q", q.Text, got, ids)
	}
	return err
}
