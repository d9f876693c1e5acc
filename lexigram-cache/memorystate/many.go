package memorystate

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// GetMany returns copies of the live entries among keys, as of one moment. Its
// errors are those of Get, but a missing entry is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	for _, key := range keys {
		if err := state.CheckKey(key); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, state.Err.Wrap(context.Cause(ctx), "memorystate: get many")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Monotonic()
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		if e, ok := s.entries.Live(key, now); ok {
			found[key] = append([]byte{}, e.Value...)
		}
	}
	return found, nil
}

// SetMany stores each entry for ttl. Its errors are those of Set; after
// [state.ErrFull] some are stored.
func (s *Store) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	if err := state.CheckTTL(ttl); err != nil {
		return err
	}
	for key := range entries {
		if err := state.CheckKey(key); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return state.Err.Wrap(context.Cause(ctx), "memorystate: set many")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, value := range entries {
		if err := s.put("set many", key, value, ttl); err != nil {
			return err
		}
	}
	return nil
}
