// Package securitytest checks that a [security.SecretStore], a
// [security.KeySource] and a [security.Sealer] keep their contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		securitytest.RunSecrets(t, func(t *testing.T, seed map[string]string) security.SecretStore { return open(t, seed) })
//	}
package securitytest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/security"
)

// RunSecrets checks every rule of [security.SecretStore], and of
// [security.SecretFinder], [security.SecretBatcher] and [security.VersionedStore] if
// the store is one, each on a store of its own. open returns a store that holds the
// seed and nothing else, and registers its own cleanup on t. A rule about an ability
// that the store lacks, or about writing to one that is read-only, is a skip that says so.
func RunSecrets(t *testing.T, open func(t *testing.T, seed map[string]string) security.SecretStore) {
	t.Helper()
	run(t, secretRules(), "security.SecretStore", func(t *testing.T) security.SecretStore { return open(t, seed()) })
}

// Keys are a source under test.
type Keys struct {
	Source security.KeySource
	// Rotate makes another key current; nil if this source cannot.
	Rotate func(ctx context.Context) error
}

// RunKeys checks every rule of [security.KeySource], each on a source of its own,
// which open returns.
func RunKeys(t *testing.T, open func(t *testing.T) Keys) {
	t.Helper()
	run(t, keyRules, "security.KeySource", open)
}

// RunSealer checks every rule of [security.Sealer], each on a sealer of its own,
// which open returns.
func RunSealer(t *testing.T, open func(t *testing.T) security.Sealer) {
	t.Helper()
	run(t, sealerRules, "security.Sealer", open)
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

func secretRules() []rule[security.SecretStore] {
	return slices.Concat(readRules, writeRules, abilityRules, versionRules)
}

// seed returns what a store under test holds.
func seed() map[string]string {
	return map[string]string{
		"db/password":         "hunter2",
		"db/password2":        "another one",
		"plain":               "p=w d\t\"x\"; ÄÖ",
		"empty":               "",
		"a/deep/level/secret": "deep",
	}
}

// errGone is why contexts of these rules end.
var errGone = errors.New("gone fishing")

func gone(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errGone)
	return ctx
}
