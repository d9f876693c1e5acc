// Package moduletest checks that what a module function returns keeps the
// contract of [module.Descriptor], without booting anything.
//
// A module's whole test is:
//
//	func TestModule(t *testing.T) {
//		moduletest.Run(t, func() module.Descriptor { return Module(Config{Path: "x.db"}) })
//	}
package moduletest

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/module"
)

// Run checks every rule of [module.Descriptor], and for each provider the
// rules of package lifecycle that need no boot. newModule calls the module
// function, with a configuration that is valid without a configuration file.
func Run(t *testing.T, newModule func() module.Descriptor) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newModule); err != nil {
				t.Errorf("%v\nmodule.Descriptor: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as module.Descriptor words it
	check func(ctx context.Context, newModule func() module.Descriptor) error
}
