package rediscache

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// GetMany returns the live entries among keys, asking for 500 at a time. Its
// errors are those of Get, but a miss is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	if err := checkAll(ctx, "get many", keys); err != nil {
		return nil, err
	}
	found, err := wire.GetMany(ctx, s.client, s.space, keys)
	if err != nil {
		return nil, fault(ctx, err, "get many", keys[0])
	}
	return found, nil
}

// SetMany does as Set for each entry, 500 at a time. Its errors are those of Set.
func (s *Store) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	keys := make([]string, 0, len(entries))
	for key := range entries {
		keys = append(keys, key)
	}
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if err := checkAll(ctx, "set many", keys); err != nil {
		return err
	}
	for key, value := range entries {
		if err := s.checkSize("set many", key, value); err != nil {
			return err
		}
	}
	if err := wire.SetMany(ctx, s.client, s.space, entries, ttl); err != nil {
		return fault(ctx, err, "set many", keys[0])
	}
	return nil
}

// DeleteMany removes the entries under keys, 500 at a time, and returns how many
// there were, also with an error. Its errors are those of Delete.
func (s *Store) DeleteMany(ctx context.Context, keys []string) (int, error) {
	if err := checkAll(ctx, "delete many", keys); err != nil {
		return 0, err
	}
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = s.space + key
	}
	n, err := wire.Unlink(ctx, s.client, full)
	if err != nil {
		return n, fault(ctx, err, "delete many", keys[0])
	}
	return n, nil
}

// Exists reports whether key has a live entry. Its errors are those of Get, but a miss is none.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	if err := s.check(ctx, "exists", key); err != nil {
		return false, err
	}
	cmd := redis.NewIntCmd(ctx, "exists", s.space+key)
	err := s.do(ctx, cmd, true)
	if err != nil {
		return false, fault(ctx, err, "exists", key)
	}
	return cmd.Val() == 1, nil
}

// checkAll refuses what no method of many keys may begin with.
func checkAll(ctx context.Context, op string, keys []string) error {
	for _, key := range keys {
		if err := cache.CheckKey(key); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return cache.Err.Wrap(context.Cause(ctx), "rediscache: %s", op)
	}
	return nil
}
