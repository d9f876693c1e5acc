package resilient_test

import (
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// TestConfigKeys: the configurations are sections as they are.
func TestConfigKeys(t *testing.T) {
	cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: map[string]any{
		"retry.max_attempts": 5, "retry.base_delay": "10ms", "retry.jitter": "full",
		"breaker.failure_threshold": -1, "breaker.window_calls": 100, "breaker.slow_call": "1s",
		"wrong.factor": 0.5, "limit.events": 10, "limit.per": "1s",
	}})
	if err != nil {
		t.Fatal(err)
	}
	retry, err := config.Section(cfg, "retry", resilience.RetryConfig{})
	if err != nil || retry.MaxAttempts != 5 || retry.BaseDelay != 10*time.Millisecond || retry.Jitter != resilience.FullJitter {
		t.Errorf("%+v, %v", retry, err)
	}
	breaker, err := config.Section(cfg, "breaker", resilience.BreakerConfig{})
	if err != nil || breaker.FailureThreshold != -1 || breaker.WindowCalls != 100 || breaker.SlowCall != time.Second {
		t.Errorf("%+v, %v", breaker, err)
	}
	rate, err := config.Section(cfg, "limit", resilience.Rate{})
	if err != nil || rate != (resilience.Rate{Events: 10, Per: time.Second}) {
		t.Errorf("%+v, %v", rate, err)
	}
	if _, err := config.Section(cfg, "wrong", resilience.RetryConfig{}); err == nil || !strings.Contains(err.Error(), "wrong.factor") {
		t.Errorf("a factor of 0.5: %v", err)
	}
}
