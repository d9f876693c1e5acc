package resilience

import (
	"fmt"
	"math"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Jitter says how the waits of many clients are spread over time. In all of
// them the wait is capped first, so that capped waits are spread too, and never
// longer than the cap.
type Jitter string

// The jitters, of a wait d. The zero value is
// [SpreadJitter]; the others are those of AWS, "Exponential backoff and jitter".
const (
	SpreadJitter Jitter = "spread" // between 75 % and 125 % of d
	FullJitter   Jitter = "full"   // between 0 and d
	EqualJitter  Jitter = "equal"  // between half of d and d
	NoJitter     Jitter = "none"   // d
)

// A RetryConfig says how often, and when, a call that failed is made again. The
// zero value is three attempts with the defaults below. The exported names are
// configuration keys too.
type RetryConfig struct {
	MaxAttempts int           // the first call included; 0 means 3
	BaseDelay   time.Duration // before the first retry; 0 means 1 s
	MaxDelay    time.Duration // of one wait, also of a Retry-After; 0 means 60 s
	Factor      float64       // by which each wait is longer than the one before; 0 means 2
	Jitter      Jitter        // "" means SpreadJitter
	// RetryIf says which errors are worth another attempt; nil means those that
	// are not [Answered] and not [ErrOpen], [ErrFull] or [ErrLimited]: what the
	// policy refuses itself is refused at once.
	RetryIf func(error) bool `config:"-"`
}

// WithDefaults returns c with the defaults in place of zeros.
func (c RetryConfig) WithDefaults() RetryConfig {
	if c.MaxAttempts == 0 {
		c.MaxAttempts = 3
	}
	if c.BaseDelay == 0 {
		c.BaseDelay = time.Second
	}
	if c.MaxDelay == 0 {
		c.MaxDelay = max(time.Minute, c.BaseDelay)
	}
	if c.Factor == 0 {
		c.Factor = 2
	}
	if c.Jitter == "" {
		c.Jitter = SpreadJitter
	}
	return c
}

// Validate says everything that is wrong with c.
func (c RetryConfig) Validate() error {
	var invalid errs.ValidationError
	d := c.WithDefaults()
	if d.MaxAttempts < 1 {
		invalid.Add("max_attempts", "is negative; 1 makes no retries, 0 means 3", "")
	}
	if d.BaseDelay < 0 {
		invalid.Add("base_delay", "is negative; 0 means 1s", "")
	}
	if d.MaxDelay < d.BaseDelay {
		invalid.Add("max_delay", fmt.Sprintf("is %v, under base_delay %v", d.MaxDelay, d.BaseDelay), "")
	}
	if !(d.Factor >= 1 && d.Factor <= math.MaxFloat64) {
		invalid.Add("factor", fmt.Sprintf("is %v; use a number from 1, 0 means 2", d.Factor), "")
	}
	switch d.Jitter {
	case SpreadJitter, FullJitter, EqualJitter, NoJitter:
	default:
		invalid.Add("jitter", fmt.Sprintf("is %q; use spread, full, equal or none", d.Jitter), "")
	}
	return invalid.Err()
}

// A RetryExhaustedError is the last error of a call that would be worth another
// attempt, and gets none. It matches [ErrExhausted] and has the kind of its cause.
type RetryExhaustedError struct {
	Attempts int    // that were made
	Reason   string // why there is no other one, such as "no attempts left"
	Err      error  // of the last attempt
}

// Error returns one line.
func (e *RetryExhaustedError) Error() string {
	return fmt.Sprintf("resilience: gave up after attempt %d (%s): %v", e.Attempts, e.Reason, e.Err)
}

// Unwrap returns [ErrExhausted] and the last error.
func (e *RetryExhaustedError) Unwrap() []error { return []error{ErrExhausted, e.Err} }
