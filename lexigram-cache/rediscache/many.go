package rediscache

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

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
	found, err := wire.GetMany(ctx, s.client, s.space, keys)
	if err != nil {
		return nil, fault(ctx, err, "get many with", keys[0])
	}
	return found, nil
}
