package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
)

// check is one check and its latest call.
type check struct {
	health.Check
	Options
	grace time.Time   // until when the component may be starting
	begun atomic.Bool // it was ready once

	cached atomic.Pointer[answer] // nil if none; it may be too old

	mu      sync.Mutex
	running *call // nil if none
	refresh int   // counts forgets: a call begun before one is not cached
}

// answer is a cached result. It does not change.
type answer struct {
	result health.Result
	until  time.Time // when it stops being an answer
}

func newCheck(c health.Check, o Options) *check {
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	c.Probes = slices.Clone(c.Probes)
	if len(c.Probes) == 0 {
		c.Probes = []health.Probe{health.Readiness}
	}
	return &check{Check: c, Options: o, grace: time.Now().Add(c.Grace)}
}

func (c *check) answers(probe health.Probe) bool { return slices.Contains(c.Probes, probe) }

// fresh returns the cached answer, or nil if there is none at that time.
func (c *check) fresh(now time.Time) *answer {
	if a := c.cached.Load(); a != nil && now.Before(a.until) {
		return a
	}
	return nil
}

// call is one call of the Checker, shared by everybody who asks meanwhile.
type call struct {
	started time.Time
	refresh int
	done    chan struct{} // closed when result is set
	result  health.Result
}

// ask returns the cached result, or that of the running call, or of a new one.
func (c *check) ask(ctx context.Context) health.Result {
	c.mu.Lock()
	if a := c.fresh(time.Now()); a != nil {
		c.mu.Unlock()
		return c.own(a.result)
	}
	if c.running == nil {
		c.running = &call{started: time.Now(), refresh: c.refresh, done: make(chan struct{})}
		go c.call(context.WithoutCancel(ctx), c.running) // others may wait for it when ctx has ended
	}
	running := c.running
	c.mu.Unlock()

	deadline := time.NewTimer(time.Until(running.started.Add(c.Timeout)))
	defer deadline.Stop()
	select {
	case <-running.done:
		return c.own(running.result)
	case <-deadline.C:
		return c.judge(health.Result{
			Status: health.Unhealthy, Took: time.Since(running.started),
			Message: fmt.Sprintf("timed out after %v", c.Timeout),
		})
	case <-ctx.Done():
		return c.judge(health.Result{
			Status: health.Unknown, Took: time.Since(running.started), Message: "the probe ended before the check did",
		})
	}
}

// call asks the Checker once.
func (c *check) call(ctx context.Context, running *call) {
	result := health.Result{Status: health.Unhealthy, Message: "the check ended without a result"} // runtime.Goexit
	defer func() { c.finish(running, result) }()
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	err := errs.Catch(func() error {
		result = c.Checker.CheckHealth(ctx)
		return nil
	})
	if p, ok := errors.AsType[*errs.PanicError](err); ok {
		// What was panicked may be anything: it goes to the log, not to whoever may probe.
		result = health.Result{Status: health.Unhealthy, Message: "the check panicked"}
		c.Logger.ErrorContext(ctx, "health check panicked",
			slog.String("check", c.Name), slog.String("error", p.Error()), slog.String("stack", string(p.Stack)))
	}
}

// finish publishes the result of a call. One that came late was reported as
// timed out and answers nobody else.
func (c *check) finish(running *call, result health.Result) {
	took := time.Since(running.started)
	if result.Took <= 0 {
		result.Took = took
	}
	if took >= c.Timeout {
		result = health.Result{Status: health.Unhealthy, Took: took, Message: fmt.Sprintf("timed out after %v", c.Timeout)}
	}
	if result.Status.Ready() {
		c.begun.Store(true)
	}
	running.result = c.judge(clean(result))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = nil
	if took < c.Timeout && c.CacheFor > 0 && running.refresh == c.refresh {
		c.cached.Store(&answer{running.result, c.until()})
	}
	close(running.done)
}

// until says how long a result of now is an answer: not beyond the grace that
// may have softened it.
func (c *check) until() time.Time {
	now := time.Now()
	end := now.Add(c.CacheFor)
	if !c.begun.Load() && now.Before(c.grace) && c.grace.Before(end) {
		end = c.grace
	}
	return end
}

func (c *check) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cached.Store(nil)
	c.refresh++
}

// judge softens what a component says that may still be starting, and what an
// optional one says: the application works without it.
func (c *check) judge(r health.Result) health.Result {
	r.Status = health.Worst(r.Status)
	if r.Status == health.Unhealthy && !c.begun.Load() && time.Now().Before(c.grace) {
		r.Status = health.Starting
	}
	if c.Optional && !r.Status.Ready() {
		r.Status = health.Degraded
	}
	return r
}

// own returns r for one caller: it is shared.
func (c *check) own(r health.Result) health.Result {
	r.Details = maps.Clone(r.Details)
	return r
}

// clean hides what a Checker should not have said.
func clean(r health.Result) health.Result {
	r.Message = config.RedactText(r.Message)
	r.Details = maps.Clone(r.Details)
	for k, v := range r.Details {
		if config.IsSecretKey(k) {
			v = "***"
		}
		r.Details[k] = config.RedactText(v)
	}
	return r
}
