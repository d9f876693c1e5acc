package redisstate

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Create stores value under key for ttl if it has no entry. Errors wrap
// [state.ErrChanged] if it has one, and are those of Set otherwise.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "create", key, ttl); err != nil {
		return err
	}
	did, err := wire.Create(ctx, s.client, s.space+key, value, ttl)
	return swapped(ctx, did, err, "create", key)
}

// Swap does as Set if the value under key is old. Errors wrap [state.ErrChanged]
// if it is not, and are those of Set otherwise.
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := check(ctx, "swap", key, ttl); err != nil {
		return err
	}
	did, err := wire.Swap(ctx, s.client, s.space+key, old, value, ttl)
	return swapped(ctx, did, err, "swap", key)
}

// Remove deletes the entry under key if its value is old. Errors wrap
// [state.ErrChanged] if it is not, and are those of Get otherwise.
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	if err := check(ctx, "remove", key, state.Permanent); err != nil {
		return err
	}
	did, err := wire.Remove(ctx, s.client, s.space+key, old)
	return swapped(ctx, did, err, "remove", key)
}

func swapped(ctx context.Context, did bool, err error, op, key string) error {
	if err == nil && !did {
		return state.ErrChanged.Wrap(nil, "redisstate: %s %.40q", op, key)
	}
	return fault(ctx, err, op, key)
}
