package projection

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// clip returns as much of an error's text as is kept, on one line.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > 1000 {
		return string(r[:1000])
	}
	return s
}

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
