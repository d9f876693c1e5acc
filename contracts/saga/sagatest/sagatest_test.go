package sagatest

import (
	"testing"
	"testing/synctest"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) Site { return newModel("").site })
}

// TestBroken runs each rule on the model that breaks just it. A rule without
// one meets a model that breaks nothing, and fails here.
func TestBroken(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules() {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), &place{site: newModel("").site}); err != nil {
				t.Errorf("rule %q: the manager that keeps it failed: %v", r.name, err)
			}
			err := r.check(t.Context(), &place{site: newModel(r.name).site})
			if err == nil {
				t.Errorf("rule %q: the manager that breaks it passed", r.name)
			}
			t.Logf("%s: %.200v", r.name, err)
		})
	}
}
