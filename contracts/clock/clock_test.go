package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
)

func TestSystemConformance(t *testing.T) {
	clocktest.Run(t, func(*testing.T) clock.Clock { return clock.System{} })
}

func TestSystemIsTheBubbles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock.System
		now, mono := c.Now(), c.Monotonic()
		time.Sleep(time.Hour)
		if got := c.Now().Sub(now); got != time.Hour {
			t.Errorf("Now went on by %v in an hour", got)
		}
		if got := c.Monotonic() - mono; got != time.Hour {
			t.Errorf("Monotonic went on by %v in an hour", got)
		}
	})
}

func TestSystemAllocatesNothing(t *testing.T) {
	var c clock.Clock = clock.System{}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Now(), c.Monotonic() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
