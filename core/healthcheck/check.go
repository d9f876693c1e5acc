package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
)

// check is one check and its latest call.
type check struct {
	health.Check
	Options

	mu      sync.Mutex
	running *call // nil if none
	last    health.Result
	until   time.Time // when last stops being an answer
	refresh int       // counts forgets: a call begun before one is not cached
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
	if time.Now().Before(c.until) {
		defer c.mu.Unlock()
		return c.own(c.last)
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
	running.result = c.judge(clean(result))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = nil
	if took < c.Timeout && c.CacheFor > 0 && running.refresh == c.refresh {
		c.last, c.until = running.result, time.Now().Add(c.CacheFor)
	}
	close(running.done)
}

func (c *check) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until = time.Time{}
	c.refresh++
}

// judge softens what an optional component says: the application works without it.
func (c *check) judge(r health.Result) health.Result {
	r.Status = health.Worst(r.Status)
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
