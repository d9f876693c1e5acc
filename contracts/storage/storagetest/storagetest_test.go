package storagetest

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) storage.Store { return newModel("") }, Large(1<<18))
}

// small wraps a store without its optional abilities.
type small struct{ storage.Store }

func TestSmall(t *testing.T) {
	Run(t, func(*testing.T) storage.Store { return small{newModel("")} }, Large(1<<16), Rounds(3))
}

// large is enough for the models: they write in no parts.
var large = options{large: 1 << 18, rounds: 20}

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
			if err := r.check(&env{t.Context(), newModel(""), large}); err != nil {
				t.Errorf("rule %q: the store that keeps it failed: %v", r.name, err)
			}
			err := errs.Catch(func() error { return r.check(&env{t.Context(), newModel(r.name), large}) })
			if err == nil {
				t.Errorf("rule %q: the store that breaks it passed", r.name)
			}
			t.Logf("%s: %v", r.name, err)
		})
	}
}

func TestOptionalRulesAreSkipped(t *testing.T) {
	for _, r := range listRules {
		err := r.check(&env{t.Context(), small{newModel("")}, large})
		if !r.optional || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("rule %q on a store that cannot list: %v", r.name, err)
		}
	}
}
