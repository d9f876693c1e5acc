package memorystate

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/internal/expirymap"
)

var (
	_ state.Expirer = (*Store)(nil)
	_ state.Swapper = (*Store)(nil)
	_ state.Batcher = (*Store)(nil)
)

// A Store is a [state.Store] in memory, which ends with the process. It drops
// nothing that is live: at its bound it refuses with [state.ErrFull] what would be
// more. It is safe for concurrent use; the zero value is not usable. It owns no
// goroutine and need not be closed: writes remove what has expired.
type Store struct {
	max   int64
	clock clock.Clock

	mu      sync.Mutex
	entries expirymap.Map[[]byte]
}

// New returns an empty store, or an error that is an errs.ValidationError if
// opts are not valid.
func New(opts Options) (*Store, error) {
	if err := opts.Validate(); err != nil {
		return nil, state.Err.Wrap(err, "memorystate: options")
	}
	s := &Store{max: int64(opts.MaxBytes), clock: opts.Clock}
	if s.max == 0 {
		s.max = int64(DefaultMaxBytes)
	}
	if s.clock == nil {
		s.clock = clock.System{}
	}
	return s, nil
}

// Get returns a copy of the entry under key. Errors wrap [state.ErrNotFound],
// [state.ErrKey] or the cause of a ctx that has ended.
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	if err := check(ctx, "get", key, state.Permanent); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries.Live(key, s.clock.Monotonic())
	if !ok {
		return nil, state.ErrNotFound
	}
	return append([]byte{}, e.Value...), nil
}

// Set stores a copy of value under key. Errors wrap [state.ErrFull],
// [state.ErrKey], [state.ErrTTL] or the cause of a ctx that has ended.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "set", key, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put("set", key, value, ttl)
}

// put stores an entry if there is room; its caller holds the mutex.
func (s *Store) put(op, key string, value []byte, ttl time.Duration) error {
	now := s.clock.Monotonic()
	s.entries.Sweep(now, 2)
	weight := int64(len(key)) + int64(len(value)) + overhead
	for range 2 { // what stands under key makes room, and then what has expired
		var before int64
		if e, ok := s.entries.Live(key, now); ok {
			before = e.Weight()
		}
		if s.entries.Weight()-before+weight <= s.max {
			s.entries.Put(strings.Clone(key), bytes.Clone(value), end(now, ttl), weight)
			return nil
		}
		s.entries.Sweep(now, s.entries.Len())
	}
	return state.ErrFull.Wrap(nil, "memorystate: %s %.40q: %d bytes of at most %d are live", op, key, s.entries.Weight(), s.max)
}

// end returns when an entry of now ends.
func end(now, ttl time.Duration) time.Duration {
	if ttl == state.Permanent {
		return expirymap.Never
	}
	return expirymap.After(now, ttl)
}

// Delete removes the entry under key and reports whether there was one. Errors
// wrap [state.ErrKey] or the cause of a ctx that has ended.
func (s *Store) Delete(ctx context.Context, key string) (bool, error) {
	if err := check(ctx, "delete", key, state.Permanent); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.entries.Live(key, s.clock.Monotonic())
	s.entries.Delete(key)
	return ok, nil
}

// TTL returns how long the entry under key lasts; see [state.Expirer]. Errors
// wrap [state.ErrNotFound], [state.ErrKey] or the cause of a ctx that has ended.
func (s *Store) TTL(ctx context.Context, key string) (time.Duration, error) {
	if err := check(ctx, "ttl of", key, state.Permanent); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.entries.Live(key, now)
	switch {
	case !ok:
		return 0, state.ErrNotFound
	case e.End() == expirymap.Never:
		return state.Permanent, nil
	}
	return e.Left(now), nil
}

// Expire makes the entry under key last for ttl from now. Errors wrap
// [state.ErrNotFound], [state.ErrKey], [state.ErrTTL] or the cause of a ctx that has ended.
func (s *Store) Expire(ctx context.Context, key string, ttl time.Duration) error {
	if err := check(ctx, "expire", key, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	e, ok := s.entries.Live(key, now)
	if !ok {
		return state.ErrNotFound
	}
	s.entries.SetEnd(e, end(now, ttl))
	return nil
}

// Len returns how many entries the store holds, with expired ones that were not removed yet.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries.Len()
}

// check refuses what no method may begin with.
func check(ctx context.Context, op, key string, ttl time.Duration) error {
	if err := state.CheckKey(key); err != nil {
		return err
	}
	if err := state.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return state.Err.Wrap(context.Cause(ctx), "memorystate: %s %.40q", op, key)
	}
	return nil
}
