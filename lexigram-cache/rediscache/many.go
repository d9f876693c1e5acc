package rediscache

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// batch is how many keys are asked for at a time: a server does nothing else meanwhile.
const batch = 500

// GetMany returns the live entries among keys, asking for 500 at a time. Its
// errors are those of Get, but a miss is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	for _, key := range keys {
		if err := cache.CheckKey(key); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, cache.Err.Wrap(context.Cause(ctx), "rediscache: get many")
	}
	found := make(map[string][]byte, len(keys))
	for len(keys) > 0 {
		n := min(batch, len(keys))
		if err := s.getSome(ctx, keys[:n], found); err != nil {
			return nil, err
		}
		keys = keys[n:]
	}
	return found, nil
}

// getSome adds what is there under keys to found.
func (s *Store) getSome(ctx context.Context, keys []string, found map[string][]byte) error {
	cmds := make([]*redis.StringCmd, len(keys))
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, key := range keys {
			cmds[i] = p.Get(ctx, s.space+key)
		}
		return nil
	})
	for i, cmd := range cmds {
		value, err := cmd.Bytes()
		switch {
		case err == nil:
			found[keys[i]] = value
		case !errors.Is(err, redis.Nil):
			return fault(ctx, err, "get many with", keys[i])
		}
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		return fault(ctx, err, "get many with", keys[0])
	}
	return nil
}
