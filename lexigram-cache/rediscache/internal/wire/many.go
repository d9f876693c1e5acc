package wire

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// Batch is how many keys go in one round trip: a server does nothing else meanwhile.
const Batch = 500

// GetMany returns the values under those of keys that have one, each of which
// begins with space on the server.
func GetMany(ctx context.Context, client redis.UniversalClient, space string, keys []string) (map[string][]byte, error) {
	found := make(map[string][]byte, len(keys))
	for len(keys) > 0 {
		some := keys[:min(Batch, len(keys))]
		keys = keys[len(some):]
		cmds := make([]*redis.StringCmd, len(some))
		_, err := client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, key := range some {
				cmds[i] = p.Get(ctx, space+key)
			}
			return nil
		})
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
		for i, cmd := range cmds {
			value, err := cmd.Bytes()
			switch {
			case err == nil:
				found[some[i]] = value
			case !errors.Is(err, redis.Nil):
				return nil, err
			}
		}
	}
	return found, nil
}
