package searchtest

import (
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/search"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) search.Engine { return newGood("") }, Documents(50))
}

// TestBroken runs each rule on an engine that breaks just it. A rule that no
// engine breaks fails too: the engine keeps it, and so passes.
func TestBroken(t *testing.T) {
	for _, r := range slices.Concat(indexRules, matchRules, rankRules, pageRules, filterRules) {
		e := &env{ctx: t.Context(), engine: newGood(r.name), options: options{documents: 50}}
		if err := r.check(e); err == nil {
			t.Errorf("rule %q: the engine that breaks it passed, or there is none", r.name)
		} else {
			t.Logf("%s: %.160v", r.name, err)
		}
	}
}
