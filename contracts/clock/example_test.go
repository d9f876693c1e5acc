package clock_test

import (
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
)

// A lease stands until its end by the wall clock.
type lease struct {
	clock clock.Clock
	end   time.Time
}

func newLease(c clock.Clock, d time.Duration) lease { return lease{c, c.Now().Add(d)} }

func (l lease) live() bool { return l.clock.Now().Before(l.end) }

func Example() {
	var c clocktest.Fake // a program has clock.System{}
	l := newLease(&c, time.Minute)
	fmt.Println(l.live())
	c.Advance(time.Minute)
	fmt.Println(l.live())
	c.Step(-time.Hour) // as an administrator does, or NTP
	fmt.Println(l.live())
	// Output:
	// true
	// false
	// true
}
