package resilience_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// TestConfigs says what each field may not be; the key that is named begins the message.
func TestConfigs(t *testing.T) {
	type retry = resilience.RetryConfig
	type breaker = resilience.BreakerConfig
	type rate = resilience.Rate
	nan := math.NaN()
	for _, tc := range []struct {
		config interface{ Validate() error }
		wrong  string // "" if nothing
	}{
		{retry{}, ""},
		{retry{MaxAttempts: 1, BaseDelay: time.Hour, Factor: 1, Jitter: resilience.NoJitter}, ""},
		{retry{MaxAttempts: -1}, "max_attempts"},
		{retry{BaseDelay: -1}, "base_delay"},
		{retry{MaxDelay: -1}, "max_delay"},
		{retry{MaxDelay: 1}, "max_delay"},
		{retry{Factor: 0.5}, "factor"},
		{retry{Factor: -1}, "factor"},
		{retry{Factor: nan}, "factor"},
		{retry{Factor: math.Inf(1)}, "factor"},
		{retry{Jitter: "much"}, "jitter"},
		{breaker{}, ""},
		{breaker{FailureThreshold: -1}, ""},
		{breaker{FailureThreshold: -1, FailureRate: -1, SlowCall: 1}, ""},
		{breaker{FailureThreshold: -1, FailureRate: -1}, "failure_threshold"},
		{breaker{FailureRate: 1.5}, "failure_rate"},
		{breaker{FailureRate: nan}, "failure_rate"},
		{breaker{SlowRate: -1}, "slow_rate"},
		{breaker{SlowRate: nan}, "slow_rate"},
		{breaker{SlowRate: 2}, "slow_rate"},
		{breaker{SlowCall: -1}, "slow_call"},
		{breaker{MinCalls: -1}, "min_calls"},
		{breaker{Window: 1}, "window"},
		{breaker{Window: -1}, "window"},
		{breaker{WindowCalls: -1}, "window_calls"},
		{breaker{WindowCalls: 9}, "window_calls"},
		{breaker{WindowCalls: 1 << 40}, "window_calls"},
		{breaker{OpenFor: -1}, "open_for"},
		{breaker{Probes: -1}, "probes"},
		{breaker{SuccessThreshold: -1}, "success_threshold"},
		{rate{Events: 1, Per: time.Second}, ""},
		{rate{Events: 1 << 20, Per: time.Second, Burst: 1}, ""},
		{rate{}, "events"},
		{rate{Events: 1}, "per"},
		{rate{Events: -1, Per: time.Second}, "events"},
		{rate{Events: 1 << 40, Per: time.Second}, "events"},
		{rate{Events: math.MaxInt, Per: math.MaxInt64, Burst: math.MaxInt}, "burst"},
		{rate{Events: 1, Per: time.Second, Burst: -1}, "burst"},
		{rate{Events: 1, Per: time.Second, Burst: math.MaxInt}, "burst"},
	} {
		err := tc.config.Validate()
		if tc.wrong == "" {
			if err != nil {
				t.Errorf("%+v: %v", tc.config, err)
			}
			continue
		}
		v, ok := errors.AsType[*errs.ValidationError](err)
		if !ok || v.Fields[0].Field != tc.wrong {
			t.Errorf("%+v: %v, want one about %s", tc.config, err, tc.wrong)
		}
	}
}

func TestDefaults(t *testing.T) {
	r := resilience.RetryConfig{}.WithDefaults()
	r.RetryIf = nil
	if r.MaxAttempts != 3 || r.BaseDelay != time.Second || r.MaxDelay != time.Minute || r.Factor != 2 || r.Jitter != resilience.SpreadJitter {
		t.Errorf("%+v", r)
	}
	b := resilience.BreakerConfig{}.WithDefaults()
	if b.FailureThreshold != 5 || b.FailureRate != 0.5 || b.SlowCall != 0 || b.SlowRate != 0.5 || b.MinCalls != 10 ||
		b.Window != time.Minute || b.WindowCalls != 0 || b.OpenFor != time.Minute || b.Probes != 1 || b.SuccessThreshold != 3 {
		t.Errorf("%+v", b)
	}
	if c := (resilience.Rate{Events: 5}).Capacity(); c != 5 {
		t.Errorf("capacity %d", c)
	}
}

func TestRetryExhausted(t *testing.T) {
	cause := errs.New("", errs.Unavailable, "db: gone")
	err := error(&resilience.RetryExhaustedError{Attempts: 3, Reason: "no attempts left", Err: cause})
	if !errors.Is(err, resilience.ErrExhausted) || !errors.Is(err, resilience.Err) || !errors.Is(err, cause) || errs.KindOf(err) != errs.Unavailable {
		t.Errorf("%v does not match its family and cause", err)
	}
	if want := "resilience: gave up after attempt 3 (no attempts left): db: gone"; err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestCheckAllow(t *testing.T) {
	for _, tc := range []struct {
		key  string
		n    int
		want bool
	}{{"k", 1, true}, {"k", 5, true}, {strings.Repeat("k", 1024), 1, true}, {"", 1, false}, {strings.Repeat("k", 1025), 1, false}, {"k", 0, false}, {"k", -1, false}, {"k", 6, false}} {
		if err := resilience.CheckAllow(tc.key, tc.n, 5); errors.Is(err, resilience.ErrInvalid) == tc.want {
			t.Errorf("CheckAllow(%d bytes, %d) = %v", len(tc.key), tc.n, err)
		}
	}
}
