package ratelimit

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/internal/expirymap"
)

// LeaseOptions say how a [Lease] works. The zero value is ready to use.
type LeaseOptions struct {
	// Size is how many events are taken at a time, at least 1 and at most the
	// capacity of the rate. 0 means a tenth of that, or 1.
	Size int
	// Clock measures by its Monotonic. nil means clock.System{}.
	Clock clock.Clock
}

var _ resilience.Limiter = (*Lease)(nil)

// A Lease is a [resilience.Limiter] that takes events of another, which processes
// share, several at a time: most calls on a busy key ask nobody. A refusal is
// remembered for as long as it must last, and asks nobody either.
//
// Over time no key has more than its rate, because every event was taken from the
// other limiter. But events that are taken and not yet used come on top of what is at
// once: a key may have up to its capacity and Size more in each process. What is not
// used within the time in which Size events come back is lost, so that a key that
// every process uses a little gets less than its rate.
//
// It fails as the other limiter does; what it has left is used first. It is safe
// for concurrent use; the zero value is not usable. It owns no goroutine. Calls on one key
// that need to ask do so one after another.
type Lease struct {
	inner resilience.Limiter
	rate  rate
	size  int
	clock clock.Clock

	mu       sync.Mutex
	balances expirymap.Map[*balance]
}

// A balance is what a key has here.
type balance struct {
	turn  chan struct{} // has one value: who has it may read and write the rest
	left  int           // events that were taken and not used
	until time.Duration // when they lapse
	seen  resilience.Decision
	at    time.Duration // when seen was
	shut  time.Duration // until when least events, and more, would be refused
	least int           // 0 if none would
}

// NewLease returns a lease on inner, which holds keys to rate. The error is an
// errs.ValidationError if rate or opts are not valid.
func NewLease(inner resilience.Limiter, r resilience.Rate, opts LeaseOptions) (*Lease, error) {
	if err := r.Validate(); err != nil {
		return nil, resilience.Err.Wrap(err, "ratelimit: rate")
	}
	var v errs.ValidationError
	if inner == nil {
		v.Add("inner", "is nil", "REQUIRED")
	}
	if opts.Size < 0 || opts.Size > r.Capacity() {
		v.Add("size", "is not one of 0 to the capacity of the rate", "RANGE")
	}
	if err := v.Err(); err != nil {
		return nil, resilience.Err.Wrap(err, "ratelimit: options")
	}
	if opts.Size == 0 {
		opts.Size = max(1, r.Capacity()/10)
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	return &Lease{inner: inner, rate: newRate(r), size: opts.Size, clock: opts.Clock}, nil
}

// Allow takes n events from what key has left; see [resilience.Limiter]. Remaining
// and ResetAfter are those of the last answer of the other limiter, corrected by
// what was used and what time has passed here. Errors wrap [resilience.ErrInvalid],
// the cause of a ctx that has ended, or are the other limiter's.
func (l *Lease) Allow(ctx context.Context, key string, n int) (resilience.Decision, error) {
	if err := check(ctx, "lease", key, n, l.rate.capacity); err != nil {
		return resilience.Decision{}, err
	}
	b := l.balance(key)
	select {
	case <-b.turn:
		defer func() { b.turn <- struct{}{} }()
	case <-ctx.Done():
		return resilience.Decision{}, resilience.Err.Wrap(context.Cause(ctx), "ratelimit: lease %.40q", key)
	}
	now := l.clock.Monotonic()
	if now >= b.until {
		b.left = 0
	}
	switch {
	case b.left >= n:
		b.left -= n
		return l.decision(b, now, true, 0), nil
	case b.least > 0 && now < b.shut && n-b.left >= b.least:
		return l.decision(b, now, false, b.shut-now+l.rate.pause(float64(n-b.left-b.least))), nil
	}
	return l.ask(ctx, b, key, n)
}

// ask takes what is missing to n, and more if there is more.
func (l *Lease) ask(ctx context.Context, b *balance, key string, n int) (resilience.Decision, error) {
	missing := n - b.left
	took := max(missing, l.size)
	d, err := l.inner.Allow(ctx, key, took)
	if err == nil && !d.Allowed && took > missing && d.Remaining >= missing {
		took = missing
		d, err = l.inner.Allow(ctx, key, took)
	}
	if err != nil {
		return resilience.Decision{}, err
	}
	now := l.clock.Monotonic()
	b.seen, b.at = d, now
	if !d.Allowed {
		retry := max(0, d.RetryAfter-l.rate.pause(float64(took-missing)))
		b.shut, b.least = expirymap.After(now, retry), missing
		l.keep(b, key, now)
		return l.decision(b, now, false, retry), nil
	}
	b.left += took - n
	b.least, b.until = 0, expirymap.After(now, l.rate.pause(float64(l.size)))
	l.keep(b, key, now)
	return l.decision(b, now, true, 0), nil
}

// balance returns what key has here.
func (l *Lease) balance(key string) *balance {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Monotonic()
	if e, ok := l.balances.Live(key, now); ok {
		return e.Value
	}
	l.balances.Sweep(now, 2)
	b := &balance{turn: make(chan struct{}, 1)}
	b.turn <- struct{}{}
	l.balances.Put(strings.Clone(key), b, expirymap.After(now, time.Second), 0)
	return b
}

// keep remembers b for as long as it says something.
func (l *Lease) keep(b *balance, key string, now time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := max(b.until, b.shut, expirymap.After(now, time.Second))
	if e, ok := l.balances.Live(key, now); ok && e.Value == b {
		l.balances.SetEnd(e, end)
	} else if !ok {
		l.balances.Put(strings.Clone(key), b, end, 0)
	}
}

// decision tells what b has, and what it knows of the other limiter.
func (l *Lease) decision(b *balance, now time.Duration, allowed bool, retry time.Duration) resilience.Decision {
	return resilience.Decision{
		Allowed: allowed, Limit: l.rate.capacity,
		Remaining:  min(b.left+b.seen.Remaining, l.rate.capacity),
		RetryAfter: retry,
		ResetAfter: max(0, b.seen.ResetAfter-(now-b.at)-l.rate.pause(float64(b.left))),
	}
}
