// Package eventstest checks that a bus keeps the contract of package events.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		eventstest.Run(t, func(t *testing.T) eventstest.Bus { return open(t) })
//	}
//
// Each rule runs in a bubble of [testing/synctest], so an in-process bus needs
// no real time. A bus behind a server says so with [Tick].
package eventstest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// A Bus is what the suite checks. It also finds, by type assertion, an
// [events.Deliverer] and a Close(ctx) error.
type Bus interface {
	events.Publisher
	events.Subscriber
}

// Run checks every rule, each on a bus of its own. newBus returns an empty bus
// and registers its own cleanup on t. A rule about an ability that the bus does
// not have is skipped, and says so.
func Run(t *testing.T, newBus func(t *testing.T) Bus, opts ...Option) {
	t.Helper()
	o := options{tick: time.Second, bubble: true}
	for _, opt := range opts {
		opt(&o)
	}
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			var absent skip
			check := func(t *testing.T) {
				p := newProbe(t.Context(), newBus(t), o)
				if o.restart != nil {
					p.again = func(b Bus) Bus { return o.restart(t, b) }
				}
				err := r.check(p)
				if err != nil && !errors.As(err, &absent) {
					t.Errorf("%v\nevents: %s", err, r.says)
				}
			}
			if o.bubble {
				synctest.Test(t, check)
			} else {
				check(t)
			}
			if absent != "" {
				t.Skip(string(absent)) // outside the bubble, whose own skip nobody counts
			}
		})
	}
}

// An Option tells Run about the backend; there is none that turns a rule off.
type Option func(*options)

type options struct {
	tick    time.Duration
	bubble  bool
	keeps   bool
	restart func(t *testing.T, b Bus) Bus // nil if it does not
}

// Tick has the rules run in real time, for buses whose work is done elsewhere,
// and sets the unit that they wait in: what must happen has twenty units, anew
// with every event that comes, what must not happen has three to show itself.
func Tick(d time.Duration) Option {
	return func(o *options) { o.tick, o.bubble = d, false }
}

// Keeps says that the bus keeps events for groups that begin with
// [events.Earliest], at least ten.
func Keeps() Option { return func(o *options) { o.keeps = true } }

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as package events words it
	check func(p *probe) error
}

func rules() []rule {
	var all []rule
	for _, some := range [][]rule{publisherRules, subscriberRules, orderRules, retryRules, consumerRules, restartRules, delivererRules} {
		all = append(all, some...)
	}
	return all
}

// skip is why a rule says nothing about a bus.
type skip string

func (s skip) Error() string { return string(s) }

// A closer is a bus that can be closed.
type closer interface {
	Close(ctx context.Context) error
}
