package ditest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) di.Container { return newMini("") })
}

// TestBroken gives each rule a container that breaks it and nothing else, by
// the rule's name.
func TestBroken(t *testing.T) {
	for _, r := range rules() {
		synctest.Test(t, func(t *testing.T) {
			err := errs.Catch(func() error { return r.check(t.Context(), newMini(r.name), time.Second) })
			if err == nil {
				t.Errorf("rule %q: the container that breaks it passed", r.name)
			}
		})
	}
}
