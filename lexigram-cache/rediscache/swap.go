package rediscache

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Create stores value under key for ttl if it has no entry. Errors wrap
// [cache.ErrChanged] if it has one, and are those of Set otherwise.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.checkSwap(ctx, "create", key, value, ttl); err != nil {
		return err
	}
	did, err := wire.Create(ctx, s.client, s.space+key, value, ttl)
	return swapped(ctx, did, err, "create", key)
}

// Swap does as Set if the value under key is old. Errors wrap [cache.ErrChanged]
// if it is not, and are those of Set otherwise.
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := s.checkSwap(ctx, "swap", key, value, ttl); err != nil {
		return err
	}
	did, err := wire.Swap(ctx, s.client, s.space+key, old, value, ttl)
	return swapped(ctx, did, err, "swap", key)
}

// Remove deletes the entry under key if its value is old. Errors wrap
// [cache.ErrChanged] if it is not, and are those of Get otherwise.
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	if err := s.check(ctx, "remove", key); err != nil {
		return err
	}
	did, err := wire.Remove(ctx, s.client, s.space+key, old)
	return swapped(ctx, did, err, "remove", key)
}

// checkSwap refuses what Set refuses.
func (s *Store) checkSwap(ctx context.Context, op, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if err := s.check(ctx, op, key); err != nil {
		return err
	}
	return s.checkSize(op, key, value)
}

func swapped(ctx context.Context, did bool, err error, op, key string) error {
	if err == nil && !did {
		return cache.ErrChanged.Wrap(nil, "rediscache: %s %.40q", op, key)
	}
	return fault(ctx, err, op, key)
}
