package resilience

import (
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A BreakerConfig says when a circuit opens and closes. The zero value is the
// defaults below. The exported names are configuration keys too.
//
// A closed circuit opens when FailureThreshold calls fail in a row, or when of
// at least MinCalls calls in the window FailureRate failed or SlowRate were slow. An open
// one lets nothing through for OpenFor; then it is half open and lets Probes
// calls through at a time, and no others. SuccessThreshold of them in a row
// close it, with an empty window; one that fails or is slow opens it again.
type BreakerConfig struct {
	FailureThreshold int           // 0 means 5; negative turns the rule off
	FailureRate      float64       // from over 0 to 1; 0 means 0.5; negative turns the rule off
	SlowCall         time.Duration // from which a call is slow; 0 means none is
	SlowRate         float64       // from over 0 to 1; 0 means 0.5
	MinCalls         int           // that the window must hold before a rate says anything; 0 means 10
	Window           time.Duration // how far the rates look back, to a tenth; 0 means 60 s
	WindowCalls      int           // if not 0, the window is the last calls, so many, and not a time; at most 10,000
	OpenFor          time.Duration // 0 means 60 s
	Probes           int           // 0 means 1
	SuccessThreshold int           // 0 means 3
	// FailureIf says which errors count as failures; nil means those that are
	// not [Answered]. Others count as successes: the dependency answered. An
	// error of a call whose caller has cancelled its context counts as neither;
	// that its deadline passed is an error like others.
	FailureIf func(error) bool `config:"-"`
}

// WithDefaults returns c with the defaults in place of zeros.
func (c BreakerConfig) WithDefaults() BreakerConfig {
	for _, n := range []struct {
		field *int
		is    int
	}{{&c.FailureThreshold, 5}, {&c.MinCalls, 10}, {&c.Probes, 1}, {&c.SuccessThreshold, 3}} {
		if *n.field == 0 {
			*n.field = n.is
		}
	}
	if c.FailureRate == 0 {
		c.FailureRate = 0.5
	}
	if c.SlowRate == 0 {
		c.SlowRate = 0.5
	}
	if c.Window == 0 {
		c.Window = time.Minute
	}
	if c.OpenFor == 0 {
		c.OpenFor = time.Minute
	}
	return c
}

// Validate says everything that is wrong with c.
func (c BreakerConfig) Validate() error {
	var invalid errs.ValidationError
	d := c.WithDefaults()
	if d.FailureRate != d.FailureRate || d.FailureRate > 1 {
		invalid.Add("failure_rate", fmt.Sprintf("is %v; use a part of 1, such as 0.5", d.FailureRate), "")
	}
	if !(d.SlowRate > 0 && d.SlowRate <= 1) {
		invalid.Add("slow_rate", fmt.Sprintf("is %v; use a part of 1, such as 0.5", d.SlowRate), "")
	}
	if d.FailureThreshold < 0 && d.FailureRate < 0 && d.SlowCall == 0 {
		invalid.Add("failure_threshold", "and failure_rate are off and slow_call is 0: nothing opens the circuit", "")
	}
	for _, f := range []struct {
		field string
		wrong bool
		rule  string
	}{
		{"slow_call", d.SlowCall < 0, "is negative; 0 means no call is slow"},
		{"min_calls", d.MinCalls < 1, "is negative; 0 means 10"},
		{"window", d.Window < 10*time.Millisecond, "is under 10ms; 0 means 1m"},
		{"window_calls", d.WindowCalls < 0 || d.WindowCalls > 10_000, "is not 0 to 10,000"},
		{"window_calls", d.WindowCalls > 0 && d.WindowCalls < d.MinCalls, "is under min_calls: a rate would never say anything"},
		{"open_for", d.OpenFor < 0, "is negative; 0 means 1m"},
		{"probes", d.Probes < 1, "is negative; 0 means 1"},
		{"success_threshold", d.SuccessThreshold < 1, "is negative; 0 means 3"},
	} {
		if f.wrong {
			invalid.Add(f.field, f.rule, "")
		}
	}
	return invalid.Err()
}
