package projection

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// backoff returns how long to wait after the given attempt: a random part of what doubles.
func backoff(c resilience.RetryConfig, attempt int) time.Duration {
	d := min(float64(c.BaseDelay)*math.Pow(c.Factor, float64(attempt-1)), float64(c.MaxDelay))
	if c.Jitter == resilience.NoJitter {
		return time.Duration(d)
	}
	return time.Duration(d/2 + rand.Float64()*d/2)
}

// sleep returns nil after d, or the cause of the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
