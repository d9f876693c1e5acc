package resilient

import (
	"context"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// Options are the policies of a [Pipeline]. Zero values are left out. Breakers,
// bulkheads, limiters and budgets may be shared by the pipelines of one dependency.
type Options struct {
	Name string // of the dependency, in errors and observations; required

	Retry   *resilience.RetryConfig // &resilience.RetryConfig{} is the defaults
	Budget  *Budget                 // that retries are taken from
	OnRetry func(Retry)             // is called before the wait; must not panic

	HedgeAfter time.Duration // how long a call runs before another one begins beside it
	HedgeCalls int           // how many there are in all; 0 means 2 if HedgeAfter is set

	Breaker *Breaker

	Limiter  resilience.Limiter           // a call that it does not answer for fails with its error
	LimitKey func(context.Context) string // nil means Name

	Bulkhead *Bulkhead

	// Timeout is when the context of a call ends. One that then fails because of
	// it is an error matching [resilience.ErrTimeout]. One that does not heed its
	// context is waited for, and its result, be it late, is the result: nothing
	// is left running. 0 is none.
	Timeout time.Duration

	// Observer counts resilience.retries and resilience.refused, with the
	// dependency's name, and what refused.
	Observer observe.Observer
}

// A Retry is what [Options.OnRetry] is told.
type Retry struct {
	Context  context.Context
	Attempts int           // that were made
	Err      error         // of the last one
	Wait     time.Duration // until the next one
}

// A Pipeline is a [resilience.Policy] of the policies of its [Options], in the
// order that the package documents. It is safe for concurrent use and starts no
// goroutines. A call that its policies admit costs no allocation, or one with a
// Timeout; its context's Done, if the call asks for it, costs what
// [context.WithTimeout] does.
type Pipeline struct {
	opts  Options
	retry resilience.RetryConfig
}

var (
	_ resilience.Retrier = (*Pipeline)(nil)
	_ resilience.Hedger  = (*Pipeline)(nil)
)

// New returns the pipeline of o. All that is wrong with o is returned at once,
// as an error that matches [resilience.Err] and errs.ErrValidation.
func New(o Options) (*Pipeline, error) {
	var invalid errs.ValidationError
	if o.Name == "" {
		invalid.Add("Name", "is empty", "")
	}
	if o.Timeout < 0 {
		invalid.Add("Timeout", "is negative; 0 is none", "")
	}
	p := &Pipeline{opts: o}
	p.checkRetry(&invalid)
	p.checkHedge(&invalid)
	if o.LimitKey == nil {
		p.opts.LimitKey = func(context.Context) string { return o.Name }
	} else if o.Limiter == nil {
		invalid.Add("LimitKey", "is set, and Limiter is not", "")
	}
	if err := constructed(&invalid, "pipeline"); err != nil {
		return nil, err
	}
	return p, nil
}

// Enter admits a call; see [resilience.Policy].
func (p *Pipeline) Enter(ctx context.Context) (context.Context, resilience.Pass, error) {
	var pass resilience.Pass
	if ctx.Err() != nil {
		return ctx, pass, resilience.Err.Wrap(context.Cause(ctx), "resilience: %s", p.opts.Name)
	}
	o := &p.opts
	if o.Breaker != nil {
		var err error
		if pass.Mark, err = o.Breaker.enter(ctx); err != nil {
			p.refused(ctx, "breaker")
			return ctx, pass, err
		}
	}
	if err := p.admit(ctx); err != nil {
		if o.Breaker != nil {
			o.Breaker.exit(ctx, pass.Mark, ignored) // no call was made
		}
		return ctx, pass, err
	}
	if o.Breaker != nil {
		pass.Begun = o.Breaker.begun()
	}
	if o.Timeout > 0 {
		if timed := newDeadline(ctx, o.Timeout); timed != nil {
			pass.State = timed
			return timed, pass, nil
		}
	}
	return ctx, pass, nil
}

// admit asks the rate limit, and then the bulkhead.
func (p *Pipeline) admit(ctx context.Context) error {
	o := &p.opts
	if o.Limiter != nil {
		d, err := o.Limiter.Allow(ctx, o.LimitKey(ctx), 1)
		if err != nil {
			return resilience.Err.Wrap(err, "resilience: %s: rate limit", o.Name)
		}
		if !d.Allowed {
			p.refused(ctx, "rate limit")
			return &refusal{resilience.ErrLimited, o.Name, d.RetryAfter}
		}
	}
	if o.Bulkhead != nil {
		if err := o.Bulkhead.enter(ctx, o.Name); err != nil {
			if ctx.Err() == nil {
				p.refused(ctx, "bulkhead")
			}
			return err
		}
	}
	return nil
}

// Exit ends a call; see [resilience.Policy].
func (p *Pipeline) Exit(ctx context.Context, pass resilience.Pass, err error) error {
	o := &p.opts
	if timed, ok := pass.State.(*deadline); ok {
		if timed.stop(err) && ctx.Err() == nil {
			err = resilience.ErrTimeout.Wrap(err, "resilience: %s: no result in %v", o.Name, o.Timeout)
		}
	}
	if o.Bulkhead != nil {
		o.Bulkhead.exit()
	}
	if o.Breaker != nil {
		o.Breaker.exit(ctx, pass.Mark, o.Breaker.judge(ctx, err, pass.Begun))
	}
	if o.Budget != nil && err == nil {
		o.Budget.deposit()
	}
	return err
}

// Hedge returns the hedge of the options; see [resilience.Hedger].
func (p *Pipeline) Hedge() (after time.Duration, calls int) {
	return p.opts.HedgeAfter, p.opts.HedgeCalls
}

func (p *Pipeline) checkHedge(invalid *errs.ValidationError) {
	o := &p.opts
	switch {
	case o.HedgeAfter < 0:
		invalid.Add("HedgeAfter", "is negative; 0 is no hedge", "")
	case o.HedgeCalls < 0 || o.HedgeCalls > maxHedge:
		invalid.Add("HedgeCalls", "is not 0 to 10", "")
	case o.HedgeAfter == 0 && o.HedgeCalls != 0:
		invalid.Add("HedgeCalls", "is set, and HedgeAfter is not", "")
	case o.HedgeAfter > 0 && o.HedgeCalls == 0:
		o.HedgeCalls = 2
	}
}

const maxHedge = 10

func (p *Pipeline) refused(ctx context.Context, by string) {
	p.opts.Observer.Count(ctx, "resilience.refused", 1, slog.String("dependency", p.opts.Name), slog.String("by", by))
}
