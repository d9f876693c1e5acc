package memorycache

import (
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
}

// A Local is a [cache.Local]: decoded values, shared and not copied, bounded by
// their number because nothing knows their size. A hit does not allocate. It
// is safe for concurrent use; the zero value is not usable. Close it, because
// it owns a goroutine that removes expired values.
type Local struct {
	values *otter.Cache[localKey, localValue]
}

type localKey struct{ space, key string }

type localValue struct {
	value any
	ttl   time.Duration
}

// NewLocal returns an empty Local, or an error that is an errs.ValidationError
// if the bound is negative.
func NewLocal(opts LocalOptions) (*Local, error) {
	if opts.MaxEntries < 0 {
		var v errs.ValidationError
		v.Add("MaxEntries", "must not be negative; 0 is the default bound", "")
		return nil, cache.Err.Wrap(v.Err(), "memorycache: local options")
	}
	if opts.MaxEntries == 0 {
		opts.MaxEntries = DefaultLocalEntries
	}
	values, err := otter.New(&otter.Options[localKey, localValue]{
		MaximumSize: opts.MaxEntries,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[localKey, localValue]) time.Duration {
			return e.Value.ttl
		}),
	})
	if err != nil {
		return nil, cache.Err.Wrap(err, "memorycache: local options")
	}
	return &Local{values: values}, nil
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
	l.values.InvalidateAll()
	l.values.StopAllGoroutines()
	return nil
}
