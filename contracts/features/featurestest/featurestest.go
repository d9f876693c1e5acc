// Package featurestest checks that a [features.Provider] and a [features.Evaluator] keep
// their contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		featurestest.RunProvider(t, func(t *testing.T, seed map[string]any) features.Provider { return open(t, seed) })
//	}
package featurestest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/features"
)

// RunProvider checks every rule of [features.Provider], and of [features.Setter] and
// [features.Lister] if the provider is one, each on a provider of its own. open returns
// one that has the flags of seed, of type [features.Boolean], and no other. A rule about
// an ability that the provider lacks is a skip that says so.
func RunProvider(t *testing.T, open func(t *testing.T, seed map[string]any) features.Provider) {
	t.Helper()
	run(t, providerRules(), "features.Provider", func(t *testing.T) features.Provider { return open(t, seed()) })
}

// RunEvaluator checks every rule of [features.Evaluator], each on an evaluator of its
// own, which open returns and which asks the given provider.
func RunEvaluator(t *testing.T, open func(t *testing.T, asks features.Provider) features.Evaluator) {
	t.Helper()
	run(t, evaluatorRules, "features.Evaluator", func(t *testing.T) features.Evaluator { return open(t, scripted{}) })
}

// A rule is one promise of a contract and the check that tries to break it.
type rule[T any] struct {
	name     string
	says     string // the promise, in the contract's words
	optional bool   // errors.ErrUnsupported is an answer
	check    func(ctx context.Context, subject T) error
}

func run[T any](t *testing.T, rules []rule[T], contract string, open func(t *testing.T) T) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(t.Context(), open(t))
			switch {
			case err == nil:
			case r.optional && errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this one cannot: %v\n%s: %s", err, contract, r.says)
			default:
				t.Errorf("%v\n%s: %s", err, contract, r.says)
			}
		})
	}
}

func providerRules() []rule[features.Provider] { return slices.Concat(flagRules, abilityRules) }

// seed returns the flags of a provider under test.
func seed() map[string]any {
	return map[string]any{"on": true, "off": false, "greeting": "hello", "nothing": "", "ratio": 0.25, "zero": 0.0, "with-all_of.them": true}
}

// errGone is why contexts of these rules end.
var errGone = errors.New("gone fishing")

func gone(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errGone)
	return ctx
}
