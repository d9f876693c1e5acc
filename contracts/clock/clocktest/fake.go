package clocktest

import (
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
)

// A Fake is a clock that a test moves. The zero value stands still at midnight
// UTC on 2000-01-01, where a testing/synctest bubble begins. It is safe for
// concurrent use; it must not be copied.
type Fake struct {
	// Follow is a clock that moves this one, such as clock.System{} within a
	// testing/synctest bubble; nil leaves it to Advance and Step. Set it before use.
	Follow clock.Clock

	mu      sync.Mutex
	gone    time.Duration // by Advance
	stepped time.Duration
}

var _ clock.Clock = (*Fake)(nil)

// Now returns where the wall clock is.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	if f.Follow != nil {
		start = f.Follow.Now()
	}
	return start.Add(f.gone).Add(f.stepped)
}

// Monotonic returns how far the clock has gone on, whatever its steps.
func (f *Fake) Monotonic() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Follow != nil {
		return f.Follow.Monotonic() + f.gone
	}
	return f.gone
}

// Advance lets d pass: Now and Monotonic go on by it. Timers of the standard
// library do not notice; in a bubble, [time.Sleep] moves those too. A negative d panics.
func (f *Fake) Advance(d time.Duration) {
	if d < 0 {
		panic("clocktest: Fake.Advance of " + d.String() + ": time does not go back, use Step")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone += d
}

// Step sets the wall clock forwards by d, or back if d is negative, as an
// administrator does, or NTP. No time passes: Monotonic stays.
func (f *Fake) Step(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stepped += d
}
