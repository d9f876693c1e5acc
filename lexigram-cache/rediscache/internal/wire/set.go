package wire

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Bytes is value, but not nil, which the client would refuse.
func Bytes(value []byte) []byte {
	if value == nil {
		return []byte{}
	}
	return value
}

// Set returns the command that stores value under key, for ttl unless that is
// zero, with what is to be said besides.
func Set(ctx context.Context, key string, value []byte, ttl time.Duration, more ...any) *redis.StatusCmd {
	args := make([]any, 3, 6)
	args[0], args[1], args[2] = "set", key, Bytes(value)
	args = append(args, more...)
	if ttl != 0 {
		args = append(args, "px", Millis(ttl))
	}
	return redis.NewStatusCmd(ctx, args...)
}

// SetMany stores each of entries, in pipelines.
func SetMany(ctx context.Context, client redis.UniversalClient, space string, entries map[string][]byte, ttl time.Duration) error {
	p := client.Pipeline()
	for key, value := range entries {
		_ = p.Process(ctx, Set(ctx, space+key, value, ttl)) // which queues it
		if p.Len() < Batch {
			continue
		}
		if _, err := p.Exec(ctx); err != nil {
			return err
		}
	}
	_, err := p.Exec(ctx)
	return err
}

// Unlink removes each of keys, in pipelines that are not sent twice, and returns how many there were.
func Unlink(ctx context.Context, client redis.Cmdable, keys []string) (int, error) {
	n := 0
	for len(keys) > 0 {
		some := keys[:min(Batch, len(keys))]
		keys = keys[len(some):]
		cmds := make([]*redis.IntCmd, len(some))
		_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, key := range some {
				cmds[i] = redis.NewIntCmd(ctx, "unlink", key)
				_ = p.Process(ctx, once{cmds[i]}) // which queues it
			}
			return nil
		})
		for _, cmd := range cmds {
			n += int(cmd.Val())
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// swap takes the old value, the new one and, unless it is to stay, its ttl.
var swap = NewScript(`
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
var remove = NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('UNLINK', KEYS[1])
`)

// Create stores value under key if there is none, and reports whether it did. It is not sent twice.
func Create(ctx context.Context, client redis.UniversalClient, key string, value []byte, ttl time.Duration) (bool, error) {
	err := Once(ctx, client, Set(ctx, key, value, ttl, "nx"))
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// Swap stores value under key if old is there, and reports whether it did. It is not sent twice.
func Swap(ctx context.Context, client redis.UniversalClient, key string, old, value []byte, ttl time.Duration) (bool, error) {
	args := []any{Bytes(old), Bytes(value)}
	if ttl != 0 {
		args = append(args, Millis(ttl))
	}
	return swap.RunOnce(ctx, client, key, args...).Bool()
}

// Remove deletes what is under key if it is old, and reports whether it did. It is not sent twice.
func Remove(ctx context.Context, client redis.UniversalClient, key string, old []byte) (bool, error) {
	return remove.RunOnce(ctx, client, key, Bytes(old)).Bool()
}
