package memorystate

import (
	"bytes"
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// Create stores value under key if it has no entry; see [state.Swapper]. Errors
// wrap [state.ErrChanged] and those of Set.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "create", key, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.entries.Live(key, s.clock.Monotonic()); ok {
		return state.ErrChanged.Wrap(nil, "memorystate: create %.40q", key)
	}
	return s.put("create", key, value, ttl)
}

// Swap does as Set if the value under key is old; see [state.Swapper]. Errors
// wrap [state.ErrChanged] and those of Set.
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := check(ctx, "swap", key, ttl); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.is(key, old) {
		return state.ErrChanged.Wrap(nil, "memorystate: swap %.40q", key)
	}
	return s.put("swap", key, value, ttl)
}

// Remove deletes the entry under key if its value is old; see [state.Swapper].
// Errors wrap [state.ErrChanged], [state.ErrKey] or the cause of a ctx that has ended.
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	if err := check(ctx, "remove", key, state.Permanent); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.is(key, old) {
		return state.ErrChanged.Wrap(nil, "memorystate: remove %.40q", key)
	}
	s.entries.Delete(key)
	return nil
}

// is reports whether the live value under key is old; its caller holds the mutex.
func (s *Store) is(key string, old []byte) bool {
	e, ok := s.entries.Live(key, s.clock.Monotonic())
	return ok && bytes.Equal(e.Value, old)
}
