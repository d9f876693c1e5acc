package resilient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// Retry decides in this order: the end of ctx, attempts, [resilience.RetryConfig.RetryIf],
// a Retry-After that is longer than MaxDelay, the deadline of ctx, the budget;
// then it waits. An error that is not worth another attempt, or whose caller has
// gone, is returned as it is; one that gets none for another reason as a
// [*resilience.RetryExhaustedError].
func (p *Pipeline) Retry(ctx context.Context, attempts int, err error) error {
	o := &p.opts
	if o.Retry == nil || ctx.Err() != nil {
		return err
	}
	if attempts >= p.retry.MaxAttempts {
		return &resilience.RetryExhaustedError{Attempts: attempts, Reason: "no attempts left", Err: err}
	}
	if !p.retry.RetryIf(err) {
		return err
	}
	wait, reason := p.wait(ctx, attempts, err)
	if reason == "" && o.Budget != nil && !o.Budget.withdraw() {
		reason = "the retry budget is spent"
	}
	if reason != "" {
		return &resilience.RetryExhaustedError{Attempts: attempts, Reason: reason, Err: err}
	}
	o.Observer.Count(ctx, "resilience.retries", 1, slog.String("dependency", o.Name))
	if o.OnRetry != nil {
		o.OnRetry(Retry{Context: ctx, Attempts: attempts, Err: err, Wait: wait})
	}
	return sleep(ctx, wait, err)
}

// wait returns how long to wait for the next attempt, or why there is none.
func (p *Pipeline) wait(ctx context.Context, attempts int, err error) (wait time.Duration, reason string) {
	wait = delay(p.retry, attempts, rand.Float64())
	if after, ok := resilience.RetryAfter(err); ok {
		if after > p.retry.MaxDelay {
			return 0, fmt.Sprintf("asked to wait %v", after)
		}
		wait = max(wait, after)
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return 0, "no time left"
	}
	return wait, ""
}

// sleep waits for d, or for the end of ctx, which is an error.
func sleep(ctx context.Context, d time.Duration, err error) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return resilience.Err.Wrap(errors.Join(context.Cause(ctx), err), "resilience: waiting to retry")
	}
}

// delay returns the wait after so many attempts; random is from [0, 1).
//
//	d = min(BaseDelay · Factor^(attempts-1), MaxDelay)
func delay(c resilience.RetryConfig, attempts int, random float64) time.Duration {
	d := min(float64(c.BaseDelay)*math.Pow(c.Factor, float64(attempts-1)), float64(c.MaxDelay))
	switch c.Jitter {
	case resilience.FullJitter:
		d *= random
	case resilience.EqualJitter:
		d *= 0.5 + 0.5*random
	case resilience.SpreadJitter:
		d *= 0.75 + 0.5*random
	}
	return min(time.Duration(min(d, math.MaxInt64/2)), c.MaxDelay)
}

// worthwhile is the RetryIf of those who give none.
func worthwhile(err error) bool {
	return !resilience.Answered(err) &&
		!errors.Is(err, resilience.ErrOpen) && !errors.Is(err, resilience.ErrFull) && !errors.Is(err, resilience.ErrLimited)
}

func (p *Pipeline) checkRetry(invalid *errs.ValidationError) {
	o := &p.opts
	if o.Retry == nil {
		if o.Budget != nil {
			invalid.Add("Budget", "is set, and Retry is not", "")
		}
		if o.OnRetry != nil {
			invalid.Add("OnRetry", "is set, and Retry is not", "")
		}
		return
	}
	nested(invalid, "Retry", o.Retry.Validate())
	p.retry = o.Retry.WithDefaults()
	if p.retry.RetryIf == nil {
		p.retry.RetryIf = worthwhile
	}
}

// nested adds what is wrong with a part.
func nested(invalid *errs.ValidationError, part string, err error) {
	if v, ok := errors.AsType[*errs.ValidationError](err); ok {
		for _, f := range v.Fields {
			invalid.Add(part+"."+f.Field, f.Message, f.Code)
		}
	}
}
