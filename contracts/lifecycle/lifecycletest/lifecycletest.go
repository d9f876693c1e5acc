// Package lifecycletest checks that a [lifecycle.Provider] keeps its contract.
//
// A provider's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		lifecycletest.Run(t, func(t *testing.T) lifecycle.Provider { return newProvider(t) },
//			lifecycletest.Booting(func(t *testing.T) di.Resolver { return services(t) }))
//	}
package lifecycletest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// Run checks every rule of [lifecycle.Provider] and of the optional interfaces
// that the provider has, each on a provider of its own. newProvider returns one
// that was not used, and registers its own cleanup on t. Without [Booting] the
// rules that boot the provider are skipped, and listed as such.
func Run(t *testing.T, newProvider func(t *testing.T) lifecycle.Provider, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			s := subject{Provider: newProvider(t), tick: o.tick}
			if r.boots {
				if o.resolver == nil {
					t.Skip("boots the provider: give lifecycletest.Booting")
				}
				s.resolver = lookup{o.resolver(t)}
			}
			if err := r.check(t.Context(), s); err != nil {
				t.Errorf("%v\n%s", err, r.says)
			}
		})
	}
}

// RunStopper checks every rule of [lifecycle.Stopper] on a service that is no
// provider. newService returns one that was not used, and registers its own
// cleanup on t.
func RunStopper(t *testing.T, newService func(t *testing.T) lifecycle.Stopper, opts ...Option) {
	t.Helper()
	o := newOptions(opts)
	for _, r := range rules {
		if !r.stops {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			s := subject{Provider: service{newService(t)}, tick: o.tick}
			if err := r.check(t.Context(), s); err != nil {
				t.Errorf("%v\n%s", err, r.says)
			}
		})
	}
}

// A service is a provider that has nothing but a Shutdown.
type service struct{ lifecycle.Stopper }

func (service) Name() string                { return "service" }
func (service) Register(di.Registrar) error { return nil }

// Check returns every broken rule among those that do not boot the provider,
// joined, each with the contract's own words. It is for suites that contain
// providers; newProvider returns one that was not used.
func Check(ctx context.Context, newProvider func() lifecycle.Provider, opts ...Option) error {
	o := newOptions(opts)
	var all []error
	for _, r := range rules {
		if r.boots {
			continue
		}
		if err := r.check(ctx, subject{Provider: newProvider(), tick: o.tick}); err != nil {
			all = append(all, fmt.Errorf("rule %q: %w (%s)", r.name, err, r.says))
		}
	}
	return errors.Join(all...)
}

// An Option tells the suite about the provider; there is none that turns a rule off.
type Option func(*options)

type options struct {
	tick     time.Duration
	resolver func(t *testing.T) di.Resolver
}

func newOptions(opts []Option) options {
	o := options{tick: 5 * time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Tick sets how long a hook may take before the suite calls it stuck, 5 s by default.
func Tick(d time.Duration) Option { return func(o *options) { o.tick = d } }

// Booting lets the suite boot the provider too. newResolver returns a resolver
// that has what the provider's Needs name; its own services are not added to it.
func Booting(newResolver func(t *testing.T) di.Resolver) Option {
	return func(o *options) { o.resolver = newResolver }
}
