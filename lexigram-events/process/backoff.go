package process

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// backoff returns how long to wait after the given attempt failed with err.
func backoff(c resilience.RetryConfig, attempt int, err error) time.Duration {
	c = c.WithDefaults()
	if after, ok := resilience.RetryAfter(err); ok {
		return min(after, c.MaxDelay)
	}
	d := float64(c.BaseDelay) * math.Pow(c.Factor, float64(attempt-1))
	d = min(d, float64(c.MaxDelay))
	low, high := 0.75*d, 1.25*d
	switch c.Jitter {
	case resilience.FullJitter:
		low, high = 0, d
	case resilience.EqualJitter:
		low, high = d/2, d
	case resilience.NoJitter:
		low, high = d, d
	}
	return min(time.Duration(low+rand.Float64()*(high-low)), c.MaxDelay)
}

// doubtful reports whether what failed with err may have had an effect.
func doubtful(err error) bool {
	for _, refused := range []error{resilience.ErrOpen, resilience.ErrFull, resilience.ErrLimited} {
		if errors.Is(err, refused) {
			return false
		}
	}
	return !resilience.Answered(err)
}

// worthwhile reports whether c has a call that failed with err made again.
func worthwhile(c resilience.RetryConfig, err error) (again bool) {
	if c.RetryIf == nil {
		return !resilience.Answered(err)
	}
	if errs.Catch(func() error { again = c.RetryIf(err); return nil }) != nil {
		return false // it panicked
	}
	return again
}
