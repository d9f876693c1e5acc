package eventstoretest

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/eventstore"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) eventstore.Log { return newModel("") })
}

// TestBroken runs each rule on the model that breaks just it. A rule without
// one meets a model that breaks nothing, and fails here.
func TestBroken(t *testing.T) {
	seen := map[string]bool{}
	p := pace{patience: 20 * time.Second, tick: time.Second, rounds: 40}
	for _, r := range rules() {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newModel(""), p); err != nil {
				t.Errorf("rule %q: the store that keeps it failed: %v", r.name, err)
			}
			err := r.check(t.Context(), newModel(r.name), p)
			if err == nil {
				t.Errorf("rule %q: the store that breaks it passed", r.name)
			}
			t.Logf("%s: %.200v", r.name, err)
		})
	}
}

// without is a store without transactions.
type without struct{ eventstore.Log }

func TestOptionalRulesAreSkipped(t *testing.T) {
	for _, r := range transactionRules {
		if err := r.check(t.Context(), without{newModel("")}, pace{}); !r.optional || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("rule %q on a store without the ability: %v", r.name, err)
		}
	}
}
