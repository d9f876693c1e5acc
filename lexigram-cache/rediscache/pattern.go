package rediscache

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// page is about how many keys a server looks at in one step of a scan.
const page = 1000

// DeletePattern removes the entries whose keys match pattern and returns how many
// there were, also with an error; see [cache.PatternDeleter]. It has every server
// look at all of its keys, a thousand at a time, between which it serves others.
// Errors wrap [cache.ErrPattern], [cache.ErrClosed], the cause of a ctx that has
// ended, or one of package redisclient.
func (s *Store) DeletePattern(ctx context.Context, pattern string) (int, error) {
	if err := cache.CheckPattern(pattern); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, cache.Err.Wrap(context.Cause(ctx), "rediscache: delete pattern %.40q", pattern)
	}
	var n atomic.Int64
	err := wire.EachMaster(ctx, s.client, func(ctx context.Context, master *redis.Client) error {
		deleted, err := s.deleteOn(ctx, master, pattern)
		n.Add(int64(deleted))
		return err
	})
	return int(n.Load()), fault(ctx, err, "delete pattern", pattern)
}

// deleteOn is DeletePattern on one server.
func (s *Store) deleteOn(ctx context.Context, master *redis.Client, pattern string) (int, error) {
	glob, n, cursor := s.space+glob(pattern), 0, uint64(0)
	for {
		keys, next, err := master.Scan(ctx, cursor, glob, page).Result()
		if err != nil {
			return n, err
		}
		match := keys[:0]
		for _, key := range keys {
			if own, ok := strings.CutPrefix(key, s.space); ok && cache.MatchPattern(pattern, own) { // whatever the server means
				match = append(match, key)
			}
		}
		deleted, err := wire.Unlink(ctx, master, match)
		n += deleted
		if cursor = next; err != nil || cursor == 0 {
			return n, err
		}
		if ctx.Err() != nil {
			return n, context.Cause(ctx)
		}
	}
}

// glob says pattern in the server's language, in which more signs stand for others.
func glob(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '\\': // and what it makes stand for itself
			i++
			b.WriteByte(c)
			b.WriteByte(pattern[i])
		case '?', '[', ']':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
