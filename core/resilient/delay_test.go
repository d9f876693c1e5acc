package resilient

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// newRandom returns numbers that differ from run to run, and says how to have them again.
func newRandom(t *testing.T) *rand.Rand {
	a, b := rand.Uint64(), rand.Uint64()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("rand.NewPCG(%d, %d)", a, b)
		}
	})
	return rand.New(rand.NewPCG(a, b))
}

func TestDelayGrowsToItsCap(t *testing.T) {
	c := resilience.RetryConfig{Jitter: resilience.NoJitter}.WithDefaults()
	for attempts, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 1 << 30: time.Minute} {
		if got := delay(c, attempts, 0.5); got != want {
			t.Errorf("delay after %d = %v, want %v", attempts, got, want)
		}
	}
}

// TestJitterBounds checks what the documentation of each jitter says, for
// configurations and chances of all kinds.
func TestJitterBounds(t *testing.T) {
	random := newRandom(t)
	for range 20_000 {
		c := resilience.RetryConfig{
			BaseDelay: time.Duration(1 + random.Int64N(int64(time.Hour))), Factor: 1 + random.Float64()*100,
			Jitter: []resilience.Jitter{resilience.NoJitter, resilience.FullJitter, resilience.EqualJitter, resilience.SpreadJitter}[random.IntN(4)],
		}
		c.MaxDelay = c.BaseDelay + time.Duration(random.Int64N(math.MaxInt64-int64(c.BaseDelay))>>random.IntN(63))
		if err := c.Validate(); err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		attempts := 1 + random.IntN(1<<random.IntN(20))
		chance := []float64{0, random.Float64(), math.Nextafter(1, 0)}[random.IntN(3)]
		plain := c
		plain.Jitter = resilience.NoJitter
		d, got := delay(plain, attempts, 0), delay(c, attempts, chance)
		low, high := d, d
		switch c.Jitter {
		case resilience.FullJitter:
			low = 0
		case resilience.EqualJitter:
			low = d / 2
		case resilience.SpreadJitter:
			low, high = d/4*3, min(d/4*5+5, c.MaxDelay)
		}
		rounding := d>>50 + 1
		if got < low-rounding || got > high+rounding || got < 0 || got > c.MaxDelay {
			t.Fatalf("%+v after %d, chance %v: %v, want %v to %v", c, attempts, chance, got, low, high)
		}
	}
}

// TestJitterSpreads: waits that have reached the cap are spread too.
func TestJitterSpreads(t *testing.T) {
	for _, j := range []resilience.Jitter{resilience.FullJitter, resilience.EqualJitter, resilience.SpreadJitter} {
		c := resilience.RetryConfig{Jitter: j}.WithDefaults()
		if a, b := delay(c, 1000, 0), delay(c, 1000, 0.4); b-a < 5*time.Second {
			t.Errorf("%s: capped waits of %v and %v", j, a, b)
		}
	}
}
