package memorycache

import (
	"bytes"
	"context"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var _ cache.Batcher = (*Store)(nil)

// A Store is a [cache.Store] in memory. A Set is visible to every Get that
// begins after it returned. The bound of its [Options] may be exceeded for a
// moment while it evicts. It is safe for concurrent use; the zero value is not
// usable. Close it, because it owns a goroutine that removes expired entries.
type Store struct {
	entries *otter.Cache[string, entry]
	closed  atomic.Bool
}

type entry struct {
	value []byte
	ttl   time.Duration
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
	o := &otter.Options[string, entry]{
		MaximumSize: opts.MaxEntries,
		ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, entry]) time.Duration {
			return e.Value.ttl
		}),
	}
	if opts.MaxBytes > 0 {
		o.MaximumWeight = uint64(opts.MaxBytes)
		o.Weigher = func(key string, e entry) uint32 {
			return uint32(min(int64(len(key))+int64(len(e.value))+overhead, math.MaxUint32))
		}
	}
	entries, err := otter.New(o)
	if err != nil {
		return nil, cache.Err.Wrap(err, "memorycache: options")
	}
	return &Store{entries: entries}, nil
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
// [cache.ErrTTL], [cache.ErrClosed] or the cause of a ctx that has ended.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if err := s.check(ctx, "set", key); err != nil {
		return err
	}
	if ttl == 0 {
		ttl = forever
	}
	// The key is cloned too: it may be a short piece of a long string.
	s.entries.Set(strings.Clone(key), entry{value: bytes.Clone(value), ttl: ttl})
	return nil
}

// Delete removes the entry under key, if there is one. Errors wrap
// [cache.ErrKey], [cache.ErrClosed] or the cause of a ctx that has ended.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.check(ctx, "delete", key); err != nil {
		return err
	}
	s.entries.Invalidate(key)
	return nil
}

// GetMany returns copies of the live entries among keys. Its errors are those
// of Get, but a miss is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	for _, key := range keys {
		if err := cache.CheckKey(key); err != nil {
			return nil, err
		}
	}
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		if err := s.check(ctx, "get", key); err != nil {
			return nil, err
		}
		if e, ok := s.entries.GetIfPresent(key); ok {
			found[key] = append([]byte{}, e.value...)
		}
	}
	if len(keys) == 0 && ctx.Err() != nil {
		return nil, cache.Err.Wrap(context.Cause(ctx), "memorycache: get many")
	}
	return found, nil
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

// Len returns about how many entries the store holds, expired ones that were
// not removed yet included.
func (s *Store) Len() int { return s.entries.EstimatedSize() }

// Close drops every entry and ends the store's goroutine. It is idempotent and
// returns nil; every method afterwards is [cache.ErrClosed].
func (s *Store) Close() error {
	if !s.closed.Swap(true) {
		s.entries.InvalidateAll()
	}
	s.entries.StopAllGoroutines()
	return nil
}
