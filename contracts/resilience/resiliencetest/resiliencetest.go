// Package resiliencetest checks that a [resilience.Limiter] and a
// [resilience.Policy] keep their contracts.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		resiliencetest.RunLimiter(t, func(t *testing.T, rate resilience.Rate) resilience.Limiter {
//			return open(t, rate)
//		})
//	}
package resiliencetest

import (
	"context"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// RunLimiter checks every rule of [resilience.Limiter], each on a limiter of its
// own. newLimiter returns one that holds unused keys to rate, and registers its
// own cleanup on t.
func RunLimiter(t *testing.T, newLimiter func(t *testing.T, rate resilience.Rate) resilience.Limiter, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range limiterRules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newLimiter(t, r.rate(o.tick)), o.tick); err != nil {
				t.Errorf("%v\nresilience.Limiter: %s", err, r.says)
			}
		})
	}
}

// RunPolicy checks every rule of [resilience.Policy], and of
// [resilience.Retrier] if the policy is one, each on a policy of its own.
// newPolicy returns one that admits at least 2,000 calls that are made one
// after the other and succeed, and registers its own cleanup on t.
func RunPolicy(t *testing.T, newPolicy func(t *testing.T) resilience.Policy, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range policyRules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(t.Context(), newPolicy(t), o.tick); err != nil {
				t.Errorf("%v\nresilience.Policy: %s", err, r.says)
			}
		})
	}
	for _, r := range retrierRules {
		t.Run(r.name, func(t *testing.T) {
			p, ok := newPolicy(t).(resilience.Retrier)
			if !ok {
				t.Skipf("this policy is no Retrier\nresilience.Retrier: %s", r.says)
			}
			if err := r.check(t.Context(), p, o.tick); err != nil {
				t.Errorf("%v\nresilience.Retrier: %s", err, r.says)
			}
		})
	}
}

// An Option tells a suite about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct{ tick time.Duration }

func newOptions(opts []Option) options {
	o := options{tick: 50 * time.Millisecond}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Tick sets the unit of time that rules wait in, 50 ms by default: a limiter
// gets events back so far apart.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// A rule is one promise of a contract and the check that tries to break it.
type rule[T any] struct {
	name  string
	says  string // the promise, as the contract words it
	check func(ctx context.Context, subject T, tick time.Duration) error
}
