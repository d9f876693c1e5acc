package rediscache

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// increment takes delta and ttl. It returns text: Lua's numbers are no int64.
var increment = wire.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
else
  redis.call('INCRBY', KEYS[1], ARGV[1])
end
return redis.call('GET', KEYS[1])
`)

// Increment adds delta to the number under key; see [cache.Counter]. Errors wrap
// [cache.ErrNumber], [cache.ErrKey], [cache.ErrTTL], [cache.ErrClosed], the cause
// of a ctx that has ended, or one of package redisclient.
func (s *Store) Increment(ctx context.Context, key string, delta int64, ttl time.Duration) (int64, error) {
	if err := cache.CheckTTL(ttl); err != nil {
		return 0, err
	}
	if err := s.check(ctx, "increment", key); err != nil {
		return 0, err
	}
	var sum int64
	var err error
	if ttl == 0 {
		cmd := redis.NewIntCmd(ctx, "incrby", s.space+key, delta)
		err = wire.Once(ctx, s.client, cmd)
		sum = cmd.Val()
	} else {
		sum, err = increment.RunOnce(ctx, s.client, s.space+key, strconv.FormatInt(delta, 10), wire.Millis(ttl)).Int64()
	}
	if err != nil && (strings.Contains(err.Error(), "not an integer") || strings.Contains(err.Error(), "would overflow")) {
		return 0, cache.ErrNumber.Wrap(nil, "rediscache: increment %.40q", key)
	}
	return sum, fault(ctx, err, "increment", key)
}
