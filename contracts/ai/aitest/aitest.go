// Package aitest checks that an [ai.ChatModel] and an [ai.Embedder] keep their
// contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		aitest.RunChat(t, func(t *testing.T) ai.ChatModel { return open(t) })
//	}
package aitest

import (
	"context"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// An Option tells a suite about the model; there is none that turns a rule off.
type Option func(*options)

type options struct {
	tick          time.Duration
	request       func() *ai.Request
	deterministic bool
	sent          func() int
	dimensions    int
}

func newOptions(opts []Option) *options {
	o := &options{
		tick:       20 * time.Millisecond,
		request:    func() *ai.Request { return ai.Ask("Be brief.", "Say hello.") },
		dimensions: 64,
	}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// Tick sets the unit that rules wait in for goroutines to end, 20 ms by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// Request sets what makes the request that the model is asked, for models that
// do not answer any. It returns a new one on every call.
func Request(make func() *ai.Request) Option { return func(o *options) { o.request = make } }

// Deterministic says that the model answers equal requests equally, and turns
// on the rules that need it.
func Deterministic() Option { return func(o *options) { o.deterministic = true } }

// Sent lets the suite see how many requests the provider has got so far.
func Sent(count func() int) Option { return func(o *options) { o.sent = count } }

// Dimensions sets the length of vectors that an embedder is asked for, 64 by default.
func Dimensions(n int) Option { return func(o *options) { o.dimensions = n } }

// A rule is one promise of a contract and the check that tries to break it.
type rule[T any] struct {
	name  string
	says  string                             // the promise, in the contract's words
	skip  func(subject T, o *options) string // why it cannot be checked, or ""
	check func(ctx context.Context, subject T, o *options) error
}

func run[T any](t *testing.T, rules []rule[T], contract string, open func(t *testing.T) T, o *options) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			subject := open(t)
			if r.skip != nil {
				if why := r.skip(subject, o); why != "" {
					t.Skip(why)
				}
			}
			if err := r.check(t.Context(), subject, o); err != nil {
				t.Errorf("%v\n%s: %s", err, contract, r.says)
			}
		})
	}
}
