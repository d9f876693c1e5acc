package resiliencetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// A limiterModel is the smallest limiter that keeps every rule. With the name of
// a rule in breaks, it breaks that rule, in the way that real limiters do.
type limiterModel struct {
	mu     sync.Mutex
	rate   resilience.Rate
	tats   map[string]time.Time // when the last event taken has come back
	breaks string
}

func newLimiterModel(rate resilience.Rate, breaks string) *limiterModel {
	return &limiterModel{rate: rate, tats: map[string]time.Time{}, breaks: breaks}
}

func (m *limiterModel) is(rule string) bool { return m.breaks == rule }

func (m *limiterModel) Allow(ctx context.Context, key string, n int) (d resilience.Decision, _ error) {
	d.Limit = m.rate.Capacity()
	if m.is("burst") {
		d.Limit = m.rate.Events
	}
	if err := resilience.CheckAllow(key, n, d.Limit); err != nil && !m.is("invalid arguments") {
		return d, err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return d, context.Cause(ctx)
	}
	if m.is("keys are apart") {
		key = strings.TrimSpace(key)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now, interval := time.Now(), m.rate.Per/time.Duration(m.rate.Events)
	old, known := m.tats[key]
	tat := old
	if tat.Before(now) && (!m.is("no more than capacity") || !known) {
		tat = now
	}
	if m.is("events come back one by one") && now.Sub(old) > m.rate.Per-time.Duration(d.Limit)*interval && known && now.After(old.Add(-2*interval)) {
		tat = now // a fixed window: all at once
	}
	next := tat.Add(time.Duration(n) * interval)
	over := next.Sub(now) - time.Duration(d.Limit)*interval
	switch {
	case m.is("a fresh key") && !known:
		m.tats[key] = now
		return d, nil
	case m.is("concurrent use"):
		m.mu.Unlock()
		time.Sleep(time.Microsecond) // read, then write
		m.mu.Lock()
	}
	if d.Allowed = over <= 0; d.Allowed || m.is("refusals cost nothing") {
		m.tats[key] = next
	}
	if m.is("all or nothing") && !d.Allowed {
		m.tats[key] = now.Add(time.Duration(d.Limit) * interval) // takes what is there
	}
	if !d.Allowed {
		d.RetryAfter = over
		if m.is("retry after") {
			d.RetryAfter = over / 2
		}
	}
	d.ResetAfter = max(0, m.tats[key].Sub(now))
	d.Remaining = max(0, int((time.Duration(d.Limit)*interval-d.ResetAfter)/interval))
	if m.is("reset after") {
		d.ResetAfter = m.rate.Per
	}
	return d, nil
}

func TestLimiterGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range limiterRules {
			if err := r.check(t.Context(), newLimiterModel(r.rate(time.Second), ""), time.Second); err != nil {
				t.Errorf("rule %q: %v", r.name, err)
			}
		}
	})
	RunLimiter(t, func(_ *testing.T, rate resilience.Rate) resilience.Limiter { return newLimiterModel(rate, "") })
}

// TestLimiterBroken runs each rule on the model that breaks just it. A rule
// without one meets a model that breaks nothing, and fails here.
func TestLimiterBroken(t *testing.T) {
	for _, r := range limiterRules {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newLimiterModel(r.rate(time.Second), r.name), time.Second); err == nil {
				t.Errorf("rule %q: the limiter that breaks it passed", r.name)
			}
		})
	}
}

// A policyModel is to resilience.Retrier what limiterModel is to Limiter: it
// admits 4 calls at a time, and retries twice.
type policyModel struct {
	places  chan struct{}
	entered atomic.Int64
	breaks  string
}

func newPolicyModel(breaks string) *policyModel {
	return &policyModel{places: make(chan struct{}, 4), breaks: breaks}
}

func (m *policyModel) is(rule string) bool { return m.breaks == rule }

func (m *policyModel) Enter(ctx context.Context) (context.Context, resilience.Pass, error) {
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return ctx, resilience.Pass{}, context.Cause(ctx)
	}
	select {
	case m.places <- struct{}{}:
	default:
		return ctx, resilience.Pass{}, resilience.ErrFull
	}
	m.entered.Add(1)
	if m.is("a child of ctx") {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, resilience.Pass{Mark: 1}, nil
}

func (m *policyModel) Exit(ctx context.Context, pass resilience.Pass, err error) error {
	switch {
	case pass.Mark != 1:
		return errors.New("a pass of somebody else")
	case m.is("success") && err == nil:
		return resilience.ErrExhausted
	case m.is("the error is kept") && err != nil:
		return fmt.Errorf("call failed: %v", err) //nolint:errorlint // breaks the rule
	case m.is("nothing is kept"), m.is("exit after the end") && ctx.Err() != nil:
		return err
	case m.is("concurrent use"):
		n := m.entered.Load()
		time.Sleep(time.Microsecond)
		if n != m.entered.Load() {
			err = errors.New("somebody came between")
		}
	}
	<-m.places
	return err
}

func (m *policyModel) Retry(ctx context.Context, attempts int, err error) error {
	switch {
	case m.is("giving up keeps the error"):
		return resilience.ErrExhausted
	case ctx.Err() != nil || attempts > 2:
		return err
	case m.is("the caller's end"):
		time.Sleep(time.Hour)
		return nil
	}
	select {
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), err)
	case <-time.After(time.Minute):
		return nil
	}
}

// single is a model without what is optional.
type single struct{ resilience.Policy }

func TestPolicyGood(t *testing.T) {
	open := func(*testing.T) resilience.Policy { return newPolicyModel("") }
	RunPolicy(t, open, Tick(20*time.Millisecond))
	RunPolicy(t, func(t *testing.T) resilience.Policy { return single{open(t)} }, Tick(20*time.Millisecond))
}

func TestPolicyBroken(t *testing.T) {
	for _, r := range policyRules {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newPolicyModel(r.name), time.Second); err == nil {
				t.Errorf("rule %q: the policy that breaks it passed", r.name)
			}
		})
	}
	for _, r := range retrierRules {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newPolicyModel(r.name), time.Second); err == nil {
				t.Errorf("rule %q: the retrier that breaks it passed", r.name)
			}
			time.Sleep(2 * time.Hour) // a bubble ends when all that it began has ended
		})
	}
}
