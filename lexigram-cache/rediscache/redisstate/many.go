package redisstate

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// GetMany returns the live entries among keys, asking for 500 at a time. Its errors
// are those of Get, but a missing entry is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	for _, key := range keys {
		if err := state.CheckKey(key); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, state.Err.Wrap(context.Cause(ctx), "redisstate: get many")
	}
	found, err := wire.GetMany(ctx, s.client, s.space, keys)
	if err != nil {
		return nil, fault(ctx, err, "get many", keys[0])
	}
	return found, nil
}

// SetMany does as Set for each entry, 500 at a time. Its errors are those of Set.
func (s *Store) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	for key := range entries {
		if err := state.CheckKey(key); err != nil {
			return err
		}
	}
	if err := state.CheckTTL(ttl); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return state.Err.Wrap(context.Cause(ctx), "redisstate: set many")
	}
	if err := wire.SetMany(ctx, s.client, s.space, entries, ttl); err != nil {
		return fault(ctx, err, "set many", "")
	}
	return nil
}
