// Package clock is the contract between code that asks what time it is and the
// clock that tells it. Code takes a [Clock] where a test must be able to step
// the wall clock: leases, expiries, and whatever is compared with times that
// another process wrote.
//
//	type Options struct {
//		Clock clock.Clock // nil means clock.System{}
//	}
//
// There are no timers here: [time.Timer] and [time.Ticker] run on the monotonic
// clock, which no step moves, and testing/synctest steers them in tests.
package clock

import "time"

// A Clock tells the time. It is safe for concurrent use.
type Clock interface {
	// Now returns the wall time, in UTC and without a monotonic reading, so that
	// computing with it gives what another process would get. A wall clock can be
	// stepped, forwards and back: to measure how long something takes, use Monotonic.
	Now() time.Time

	// Monotonic returns the time since an origin of the clock's own. It never goes
	// back, and no step of Now changes it. It says nothing to another process.
	Monotonic() time.Duration
}

// System is the clock of the operating system; within a testing/synctest bubble
// it is the bubble's. The zero value is ready to use.
type System struct{}

var _ Clock = System{}

// Now returns [time.Now] in UTC, which has no monotonic reading.
func (System) Now() time.Time { return time.Now().UTC() }

// origin only gives Monotonic something to count from.
var origin = time.Now()

// Monotonic returns the time since this process began.
func (System) Monotonic() time.Duration { return time.Since(origin) }
