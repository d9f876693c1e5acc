package rediscache

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// Stats returns the figures of the server, or the sum of those of a cluster's
// masters, whatever else they hold; hits and misses are of all reads since they
// began. For an ACL user who may not run INFO all but Entries are -1. Errors wrap [cache.ErrClosed], the cause of a ctx that has ended, or one of package redisclient.
func (s *Store) Stats(ctx context.Context) (cache.Stats, error) {
	if ctx.Err() != nil {
		return cache.Stats{}, cache.Err.Wrap(context.Cause(ctx), "rediscache: stats")
	}
	var mu sync.Mutex
	var st cache.Stats
	err := wire.EachMaster(ctx, s.client, func(ctx context.Context, master *redis.Client) error {
		size, err := master.DBSize(ctx).Result()
		if err != nil {
			return err
		}
		info, err := master.Info(ctx, "stats", "memory").Result()
		denied := redis.IsPermissionError(err)
		if err != nil && !denied {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		st.Entries += size
		for name, sum := range map[string]*int64{
			"used_memory": &st.Bytes, "keyspace_hits": &st.Hits, "keyspace_misses": &st.Misses, "evicted_keys": &st.Evictions,
		} {
			if denied {
				*sum = -1
			} else {
				*sum += figure(info, name)
			}
		}
		return nil
	})
	if err != nil {
		return cache.Stats{}, fault(ctx, err, "stats", "")
	}
	return st, nil
}

// figure returns the number that info has under name, 0 if it has none.
func figure(info, name string) int64 {
	for line := range strings.Lines(info) {
		if text, ok := strings.CutPrefix(line, name+":"); ok {
			n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
			if err != nil {
				return 0
			}
			return n
		}
	}
	return 0
}
