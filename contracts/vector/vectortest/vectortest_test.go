package vectortest

import (
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) vector.Store { return &good{all: map[string]*collection{}} }, Points(1_000))
}

// TestBroken runs each rule on a store that breaks just it. A rule that no
// store breaks fails too: the store keeps it, and so passes.
func TestBroken(t *testing.T) {
	for _, r := range slices.Concat(storeRules, pointRules, queryRules, scoreRules, filterRules, indexRules) {
		e := &env{ctx: t.Context(), store: &good{breaks: r.name, all: map[string]*collection{}}, options: options{points: 1_000}}
		if err := r.check(e); err == nil {
			t.Errorf("rule %q: the store that breaks it passed, or there is none", r.name)
		} else {
			t.Logf("%s: %.160v", r.name, err)
		}
	}
}
