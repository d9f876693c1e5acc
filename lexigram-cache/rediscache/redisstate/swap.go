package redisstate

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// swap takes the old value, the new one and, unless it is permanent, its ttl.
var swap = wire.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[3] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
else
  redis.call('SET', KEYS[1], ARGV[2])
end
return 1
`)

// remove takes the old value.
var remove = wire.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('UNLINK', KEYS[1])
`)

// Create stores value under key for ttl if it has no entry. Errors wrap
// [state.ErrChanged] if it has one, and are those of Set otherwise.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "create", key, ttl); err != nil {
		return err
	}
	err := wire.Once(ctx, s.client, redis.NewStatusCmd(ctx, set(s.space+key, value, ttl, "nx")...))
	if errors.Is(err, redis.Nil) {
		return changed("create", key)
	}
	return fault(ctx, err, "create", key)
}

// Swap does as Set if the value under key is old. Errors wrap [state.ErrChanged]
// if it is not, and are those of Set otherwise.
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	args := []any{bytesOf(old), bytesOf(value)}
	if ttl != state.Permanent {
		args = append(args, wire.Millis(ttl))
	}
	return s.ifOld(ctx, "swap", key, ttl, swap, args...)
}

// Remove deletes the entry under key if its value is old. Errors wrap
// [state.ErrChanged] if it is not, and are those of Get otherwise.
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	return s.ifOld(ctx, "remove", key, state.Permanent, remove, bytesOf(old))
}

// ifOld runs a script that returns 1 if it did something.
func (s *Store) ifOld(ctx context.Context, op, key string, ttl time.Duration, script *wire.Script, args ...any) error {
	if err := check(ctx, op, key, ttl); err != nil {
		return err
	}
	did, err := script.RunOnce(ctx, s.client, s.space+key, args...).Bool()
	if err == nil && !did {
		return changed(op, key)
	}
	return fault(ctx, err, op, key)
}

// bytesOf is value, but not nil, which the client would refuse.
func bytesOf(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

func changed(op, key string) error {
	return state.ErrChanged.Wrap(nil, "redisstate: %s %.40q", op, key)
}
