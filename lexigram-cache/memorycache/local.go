package memorycache

import (
	"errors"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

var _ cache.Local = (*Local)(nil)

// DefaultLocalEntries bounds a [Local] whose options name no bound.
const DefaultLocalEntries = 65_536

// LocalOptions bound a [Local].
type LocalOptions struct {
	MaxEntries int // 0 means [DefaultLocalEntries]
	// Resolution is how far the time may lag by which values end: to read it
	// exactly is a third of the cost of a hit. A goroutine reads it that often
	// instead. 0 is exact; otherwise at least a millisecond.
	Resolution time.Duration
}

// A Local is a [cache.Local]: decoded values, shared and not copied, bounded by
// their number because nothing knows their size. A hit does not allocate. It
// is safe for concurrent use; the zero value is not usable. Close it, because
// it owns a goroutine that removes expired values.
type Local struct {
	values *otter.Cache[localKey, localValue]
	clock  *otter.CoarseClock // nil is exact
}

type localKey struct{ space, key string }

type localValue struct {
	value any
	ttl   time.Duration
}

// NewLocal returns an empty Local, or an error that is an errs.ValidationError
// if opts are not valid.
func NewLocal(opts LocalOptions) (*Local, error) {
	var v errs.ValidationError
	if opts.MaxEntries < 0 {
		v.Add("MaxEntries", "must not be negative; 0 is the default bound", "")
	}
	if cache.CheckTTL(opts.Resolution) != nil {
		v.Add("Resolution", "must be 0 or at least a millisecond", "")
	}
	if err := v.Err(); err != nil {
		return nil, cache.Err.Wrap(err, "memorycache: local options")
	}
	if opts.MaxEntries == 0 {
		opts.MaxEntries = DefaultLocalEntries
	}
	o := &otter.Options[localKey, localValue]{
		MaximumSize: opts.MaxEntries,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[localKey, localValue]) time.Duration {
			return e.Value.ttl
		}),
	}
	l := &Local{}
	if opts.Resolution > 0 {
		l.clock = otter.NewCoarseClock(opts.Resolution)
		o.Clock = l.clock
	}
	values, err := otter.New(o)
	if err != nil {
		return nil, cache.Err.Wrap(errors.Join(err, l.Close()), "memorycache: local options")
	}
	l.values = values
	return l, nil
}

// Get returns the live value under key; see [cache.Local].
func (l *Local) Get(space, key string) (any, bool) {
	v, ok := l.values.GetIfPresent(localKey{space, key})
	return v.value, ok
}

// Set stores value under key; see [cache.Local]. Space and key are kept as they are.
func (l *Local) Set(space, key string, value any, ttl time.Duration) {
	switch {
	case ttl < 0:
		l.values.Invalidate(localKey{space, key})
		return
	case ttl == 0:
		ttl = forever
	}
	l.values.Set(localKey{space, key}, localValue{value, ttl})
}

// Delete removes the value under key; see [cache.Local].
func (l *Local) Delete(space, key string) { l.values.Invalidate(localKey{space, key}) }

// Close drops every value and ends the goroutine. It is idempotent and returns
// nil. Set and Get still work afterwards, but what expired stays in memory
// until it is evicted.
func (l *Local) Close() error {
	if l.values != nil {
		l.values.InvalidateAll()
		l.values.StopAllGoroutines()
	}
	if l.clock != nil {
		l.clock.Stop()
	}
	return nil
}
