package ratelimit

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// Defaults of [FallbackOptions].
const (
	DefaultTimeout = 100 * time.Millisecond
	DefaultPause   = time.Second
)

// A Policy says what a [Fallback] does where its limiter fails.
type Policy uint8

// The policies.
const (
	Closed Policy = iota // nothing is allowed: Allow returns an error
	Open                 // everything is allowed
	Local                // what FallbackOptions.Local allows: a limit, but one for each process
)

// String returns "closed", "open" or "local".
func (p Policy) String() string {
	switch p {
	case Open:
		return "open"
	case Local:
		return "local"
	}
	return "closed"
}

// FallbackOptions say how a [Fallback] works. The zero value stays closed.
type FallbackOptions struct {
	// Policy is what is done where the limiter fails.
	Policy Policy
	// Local is asked under the policy [Local], and under no other. A tenth of the rate,
	// for ten processes, is a start.
	Local resilience.Limiter
	// Timeout bounds how long the limiter is waited for. 0 means [DefaultTimeout].
	Timeout time.Duration
	// Pause is how long the limiter is not asked after it has failed; then one call
	// asks it, and the others do not until that has an answer. 0 means [DefaultPause].
	Pause time.Duration
	// Observer counts "ratelimit.fallback", with the policy, for each call that the limiter did not decide.
	Observer observe.Observer
	// Clock measures Pause by its Monotonic. nil means clock.System{}.
	Clock clock.Clock
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o FallbackOptions) Validate() error {
	var v errs.ValidationError
	if o.Policy > Local {
		v.Add("policy", "is not Closed, Open or Local", "")
	}
	if (o.Policy == Local) != (o.Local != nil) {
		v.Add("local", "goes with the policy Local: set both or neither", "CONFLICT")
	}
	if o.Timeout < 0 || o.Timeout > 0 && o.Timeout < time.Millisecond {
		v.Add("timeout", "is negative or under a millisecond", "RANGE")
	}
	if o.Pause < 0 || o.Pause > 0 && o.Pause < time.Millisecond {
		v.Add("pause", "is negative or under a millisecond", "RANGE")
	}
	return v.Err()
}

var _ resilience.Limiter = (*Fallback)(nil)

// A Fallback is a [resilience.Limiter] that decides by a policy where another fails:
// returns an error, or has no answer within a time. It is safe for concurrent use;
// the zero value is not usable. It owns no goroutine.
type Fallback struct {
	inner    resilience.Limiter
	capacity int
	opts     FallbackOptions
	again    atomic.Int64 // when inner is asked again, by the clock; works if it does
}

const works = math.MinInt64

// NewFallback returns a fallback for inner, which holds keys to rate. The error is
// an errs.ValidationError if rate or opts are not valid.
func NewFallback(inner resilience.Limiter, r resilience.Rate, opts FallbackOptions) (*Fallback, error) {
	if err := r.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "ratelimit: rate")
	}
	if err := opts.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "ratelimit: options")
	}
	if inner == nil {
		return nil, resilience.ErrInvalid.Wrap(nil, "ratelimit: inner is nil")
	}
	if opts.Timeout == 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.Pause == 0 {
		opts.Pause = DefaultPause
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	f := &Fallback{inner: inner, capacity: r.Capacity(), opts: opts}
	f.again.Store(works)
	return f, nil
}

// Allow takes n events from what key has left; see [resilience.Limiter]. Errors wrap
// [resilience.ErrInvalid], the cause of a ctx that has ended, and under the policy
// [Closed] [resilience.ErrOpen] during a pause and the limiter's own otherwise, with
// [resilience.ErrTimeout] if it had no answer in time.
func (f *Fallback) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	if err := check(ctx, "allow", key, n, f.capacity); err != nil {
		return resilience.Decision{}, err
	}
	if !f.mayAsk() {
		return f.decide(ctx, key, n, resilience.ErrOpen.Wrap(nil, "ratelimit: allow %.40q: the limiter has failed", key))
	}
	asking, cancel := context.WithTimeout(ctx, f.opts.Timeout)
	defer cancel()
	d, err := f.inner.Allow(asking, key, n)
	switch {
	case err == nil:
		f.again.Store(works)
		return d, nil
	case errors.Is(err, resilience.ErrInvalid), ctx.Err() != nil:
		return resilience.Decision{}, err
	case asking.Err() != nil:
		err = resilience.ErrTimeout.Wrap(err, "ratelimit: allow %.40q within %v", key, f.opts.Timeout)
	}
	f.again.Store(int64(f.opts.Clock.Monotonic() + f.opts.Pause))
	return f.decide(ctx, key, n, err)
}

// mayAsk reports whether the limiter works, or this call is the one that finds out.
func (f *Fallback) mayAsk() bool {
	again := f.again.Load()
	if again == works {
		return true
	}
	now := f.opts.Clock.Monotonic()
	return int64(now) >= again && f.again.CompareAndSwap(again, int64(now+f.opts.Pause))
}

// decide decides instead of the limiter, which failed with err.
func (f *Fallback) decide(ctx context.Context, key string, n int, err error) (resilience.Decision, error) {
	f.opts.Observer.Count(ctx, "ratelimit.fallback", 1, slog.String("policy", f.opts.Policy.String()))
	switch f.opts.Policy {
	case Open:
		return resilience.Decision{Allowed: true, Limit: f.capacity, Remaining: f.capacity - n}, nil
	case Local:
		return f.opts.Local.Allow(ctx, key, n)
	}
	return resilience.Decision{}, err
}
