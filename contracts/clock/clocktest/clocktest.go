// Package clocktest checks that a [clock.Clock] keeps its contract, and has a
// [Fake] that steps, for tests of code that takes a clock.
//
// An adapter's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		clocktest.Run(t, func(t *testing.T) clock.Clock { return open(t) })
//	}
package clocktest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
)

// Run checks every rule of [clock.Clock], each on a clock of its own. newClock
// registers its own cleanup on t. A rule about steps is a skip that says so for a
// clock without a method Step(time.Duration), which moves Now.
func Run(t *testing.T, newClock func(t *testing.T) clock.Clock) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			err := r.check(newClock(t))
			switch {
			case err == nil:
			case errors.Is(err, errors.ErrUnsupported):
				t.Skipf("this clock cannot: %v\nclock.Clock: %s", err, r.says)
			default:
				t.Errorf("%v\nclock.Clock: %s", err, r.says)
			}
		})
	}
}

// A rule is one promise of the contract and the check that tries to break it.
type rule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(clock.Clock) error
}

var rules = []rule{
	{"UTC", "Now returns the wall time, in UTC and without a monotonic reading", checkUTC},
	{"monotonic", "[Monotonic] never goes back", checkMonotonic},
	{"steps", "A wall clock can be stepped, forwards and back; … no step of Now changes [Monotonic]", checkSteps},
	{"concurrent use", "It is safe for concurrent use", checkConcurrent},
}

func checkUTC(c clock.Clock) error {
	if now := c.Now(); now != now.UTC() { // == sees the location and the monotonic reading, Equal does not
		return fmt.Errorf("Now = %v in %v", now, now.Location())
	}
	return nil
}

func checkMonotonic(c clock.Clock) error {
	last := c.Monotonic()
	for range 10_000 {
		next := c.Monotonic()
		if next < last {
			return fmt.Errorf("Monotonic went back from %v to %v", last, next)
		}
		last = next
	}
	return nil
}

func checkSteps(c clock.Clock) error {
	s, ok := c.(interface{ Step(d time.Duration) })
	if !ok {
		return fmt.Errorf("%T has no Step: %w", c, errors.ErrUnsupported)
	}
	const near = time.Minute // a clock may run while it is tested
	for _, step := range []time.Duration{time.Hour, -24 * time.Hour, 365 * 24 * time.Hour} {
		now, mono := c.Now(), c.Monotonic()
		s.Step(step)
		if moved := c.Now().Sub(now); moved < step || moved > step+near {
			return fmt.Errorf("a step of %v moved Now by %v", step, moved)
		}
		if moved := c.Monotonic() - mono; moved < 0 || moved > near {
			return fmt.Errorf("a step of %v moved Monotonic by %v", step, moved)
		}
	}
	return nil
}

// checkConcurrent is for the race detector, and for clocks that go back when shared.
func checkConcurrent(c clock.Clock) error {
	failures := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			for range 100 {
				c.Now()
			}
			failures[i] = checkMonotonic(c)
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}
