package memorycache

import (
	"bytes"
	"context"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// A Store is a [cache.Store] in memory. A Set is visible to every Get that
// begins after it returned. The bound of its [Options] may be exceeded for a
// moment while it evicts. It is safe for concurrent use; the zero value is not
// usable. Close it, because it owns a goroutine that removes expired entries.
type Store struct {
	entries  *otter.Cache[string, entry]
	maxBytes int64 // 0 is no bound of bytes
	begun    time.Time
	closed   atomic.Bool
	watches  watches
	unset    []func() // gauges
}

type entry struct {
	value []byte
	until time.Duration // since the store has begun
}

// forever is the ttl of what does not expire: otter has none, but saturates.
const forever = time.Duration(math.MaxInt64)

// New returns an empty store, or an error that is an errs.ValidationError if
// opts are not valid.
func New(opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, cache.Err.Wrap(err, "memorycache: options")
	}
	if opts.MaxBytes == 0 && opts.MaxEntries == 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	s := &Store{maxBytes: int64(opts.MaxBytes), begun: time.Now()}
	o := &otter.Options[string, entry]{
		MaximumSize:   opts.MaxEntries,
		StatsRecorder: stats.NewCounter(),
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, entry]) time.Duration {
			return s.left(e.Value)
		}),
	}
	if opts.MaxBytes > 0 {
		o.MaximumWeight = uint64(opts.MaxBytes)
		o.Weigher = func(key string, e entry) uint32 {
			return uint32(min(weight(key, e.value), math.MaxUint32))
		}
	}
	entries, err := otter.New(o)
	if err != nil {
		return nil, cache.Err.Wrap(err, "memorycache: options")
	}
	s.entries = entries
	s.gauge(opts.Observer)
	return s, nil
}

func weight(key string, value []byte) int64 { return int64(len(key)) + int64(len(value)) + overhead }

// left returns how long e has to live, which is more than nothing.
func (s *Store) left(e entry) time.Duration {
	if e.until == forever {
		return forever
	}
	return max(e.until-time.Since(s.begun), 1)
}

// fresh returns an entry of a copy of value that lives for ttl from now.
func (s *Store) fresh(value []byte, ttl time.Duration) entry {
	e := entry{value: bytes.Clone(value), until: forever}
	if since := time.Since(s.begun); ttl > 0 && ttl < forever-since {
		e.until = since + ttl
	}
	return e
}

// Get returns a copy of the entry under key. Errors wrap [cache.ErrMiss],
// [cache.ErrKey], [cache.ErrClosed] or the cause of a ctx that has ended.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.check(ctx, "get", key); err != nil {
		return nil, err
	}
	e, ok := s.entries.GetIfPresent(key)
	if !ok {
		return nil, cache.ErrMiss
	}
	return append([]byte{}, e.value...), nil
}

// Set stores a copy of value under key. Errors wrap [cache.ErrKey],
// [cache.ErrTTL], [cache.ErrSize], [cache.ErrClosed] or the cause of a ctx that has ended.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.checkWrite(ctx, "set", key, value, ttl); err != nil {
		return err
	}
	s.entries.Set(strings.Clone(key), s.fresh(value, ttl)) // the key may be a short piece of a long string
	s.watches.tell(key)
	return nil
}

// Delete removes the entry under key, if there is one. Errors wrap
// [cache.ErrKey], [cache.ErrClosed] or the cause of a ctx that has ended.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.check(ctx, "delete", key); err != nil {
		return err
	}
	s.entries.Invalidate(key)
	s.watches.tell(key)
	return nil
}

// check refuses what no method may begin with.
func (s *Store) check(ctx context.Context, op, key string) error {
	if err := cache.CheckKey(key); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return cache.Err.Wrap(context.Cause(ctx), "memorycache: %s %.40q", op, key)
	}
	if s.closed.Load() {
		return cache.ErrClosed.Wrap(nil, "memorycache: %s %.40q", op, key)
	}
	return nil
}

// checkOpen is check for methods without a key.
func (s *Store) checkOpen(ctx context.Context, op string) error {
	if ctx.Err() != nil {
		return cache.Err.Wrap(context.Cause(ctx), "memorycache: %s", op)
	}
	if s.closed.Load() {
		return cache.ErrClosed.Wrap(nil, "memorycache: %s", op)
	}
	return nil
}

// checkWrite refuses what no method may store.
func (s *Store) checkWrite(ctx context.Context, op, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if err := s.check(ctx, op, key); err != nil {
		return err
	}
	if s.maxBytes > 0 && weight(key, value) > s.maxBytes {
		return cache.ErrSize.Wrap(nil, "memorycache: %s %.40q: %d bytes exceed the bound of the store", op, key, len(value))
	}
	return nil
}

// Len returns about how many entries the store holds, expired ones that were
// not removed yet included.
func (s *Store) Len() int { return s.entries.EstimatedSize() }

// Close drops every entry and ends the store's goroutine. It is idempotent and
// returns nil; every method afterwards is [cache.ErrClosed].
func (s *Store) Close() error {
	if !s.closed.Swap(true) {
		for _, stop := range s.unset {
			stop()
		}
		s.entries.InvalidateAll()
		s.watches.tell("")
	}
	s.entries.StopAllGoroutines()
	return nil
}
