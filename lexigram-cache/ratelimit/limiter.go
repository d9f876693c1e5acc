package ratelimit

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/internal/expirymap"
)

// DefaultMaxKeys bounds a [Limiter] whose [Options] name no bound.
const DefaultMaxKeys = 1_000_000

// ErrKeys reports that a [Limiter] has as many keys as it may: it forgets none that owes something.
var ErrKeys = resilience.Err.Sub("LEX_ERR_RES_030", errs.Exhausted, "resilience: limiter has too many keys")

// Options bound a [Limiter]. The zero value is ready to use.
type Options struct {
	// MaxKeys bounds how many keys owe events at a time; Allow of another is
	// [ErrKeys], so that who makes up keys cannot take the memory of the process. 0
	// means [DefaultMaxKeys], which take about 200 MB.
	MaxKeys int
	// Clock measures by its Monotonic. nil means clock.System{}.
	Clock clock.Clock
}

var _ resilience.Limiter = (*Limiter)(nil)

// A Limiter is a [resilience.Limiter] in memory. A key is there as long as it owes
// events; what no longer does is removed by calls on others. It is safe for
// concurrent use; the zero value is not usable. It owns no goroutine and need not be closed.
type Limiter struct {
	rate  rate
	max   int
	clock clock.Clock

	mu    sync.Mutex
	debts expirymap.Map[debt] // each ends when nothing is owed
}

// A debt is what GCRA calls the theoretical arrival time, told as events that are
// owed at a time, so that it keeps its precision.
type debt struct {
	owed float64
	at   time.Duration
}

// New returns a limiter that knows no key. The error is an errs.ValidationError if
// rate or opts are not valid.
func New(r resilience.Rate, opts Options) (*Limiter, error) {
	if err := r.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "ratelimit: rate")
	}
	var v errs.ValidationError
	if opts.MaxKeys < 0 {
		v.Add("max_keys", "must not be negative; leave it out for 1000000", "RANGE")
	}
	if err := v.Err(); err != nil {
		return nil, resilience.Err.Wrap(err, "ratelimit: options")
	}
	if opts.MaxKeys == 0 {
		opts.MaxKeys = DefaultMaxKeys
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	return &Limiter{rate: newRate(r), max: opts.MaxKeys, clock: opts.Clock}, nil
}

// Allow takes n events from what key has left; see [resilience.Limiter]. Errors wrap
// [resilience.ErrInvalid], [ErrKeys], or the cause of a ctx that has ended.
func (l *Limiter) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	if err := check(ctx, "allow", key, n, l.rate.capacity); err != nil {
		return resilience.Decision{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Monotonic()
	var owed float64
	e, there := l.debts.Live(key, now)
	if there {
		owed = max(0, e.Value.owed-float64(now-e.Value.at)/l.rate.interval)
	}
	after := owed + float64(n)
	if after > float64(l.rate.capacity)+l.rate.slack {
		d := l.rate.decision(false, owed)
		d.RetryAfter = l.rate.pause(after - float64(l.rate.capacity))
		return d, nil
	}
	d, end := debt{after, now}, expirymap.After(now, l.rate.pause(after))
	if there {
		e.Value = d
		l.debts.SetEnd(e, end)
		return l.rate.decision(true, after), nil
	}
	if l.debts.Sweep(now, 2); l.debts.Len() >= l.max {
		l.debts.Sweep(now, l.max)
	}
	if l.debts.Len() >= l.max {
		return resilience.Decision{}, ErrKeys.Wrap(nil, "ratelimit: allow %.40q: %d keys owe events", key, l.max)
	}
	l.debts.Put(strings.Clone(key), d, end, 0)
	return l.rate.decision(true, after), nil
}

// Len returns how many keys the limiter knows, with some that owe nothing any more.
func (l *Limiter) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.debts.Len()
}

// A rate is a resilience.Rate in numbers to compute with.
type rate struct {
	capacity int
	interval float64 // nanoseconds until one event has come back
	slack    float64 // events that rounding may add up to
}

func newRate(r resilience.Rate) rate {
	return rate{r.Capacity(), float64(r.Per) / float64(r.Events), 1e-9 + float64(r.Capacity())*1e-12}
}

// pause returns how long it takes until events have come back.
func (r rate) pause(events float64) time.Duration {
	return time.Duration(math.Ceil(min(events*r.interval, math.MaxInt64/2)))
}

func (r rate) decision(allowed bool, owed float64) resilience.Decision {
	return resilience.Decision{
		Allowed: allowed, Limit: r.capacity,
		Remaining:  max(0, int(float64(r.capacity)-owed+r.slack)),
		ResetAfter: r.pause(owed),
	}
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, key string, n, capacity int) error {
	if err := resilience.CheckAllow(key, n, capacity); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return resilience.Err.Wrap(context.Cause(ctx), "ratelimit: %s %.40q", op, key)
	}
	return nil
}
