package memorycache

import (
	"context"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var (
	_ cache.Batcher        = (*Store)(nil)
	_ cache.BatchWriter    = (*Store)(nil)
	_ cache.Exister        = (*Store)(nil)
	_ cache.PatternDeleter = (*Store)(nil)
)

// checkAll does as check for every key, and for none.
func (s *Store) checkAll(ctx context.Context, op string, keys []string) error {
	for _, key := range keys {
		if err := cache.CheckKey(key); err != nil {
			return err
		}
	}
	return s.checkOpen(ctx, op)
}

// GetMany returns copies of the live entries among keys. Its errors are those
// of Get, but a miss is none.
func (s *Store) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	if err := s.checkAll(ctx, "get many", keys); err != nil {
		return nil, err
	}
	found := make(map[string][]byte, len(keys))
	for _, key := range keys {
		if e, ok := s.entries.GetIfPresent(key); ok {
			found[key] = append([]byte{}, e.value...)
		}
	}
	return found, nil
}

// SetMany stores copies of entries. Its errors are those of Set, before any effect.
func (s *Store) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	for key, value := range entries {
		if err := s.checkWrite(ctx, "set", key, value, ttl); err != nil {
			return err
		}
	}
	if err := cache.CheckTTL(ttl); err != nil {
		return err
	}
	if err := s.checkOpen(ctx, "set many"); err != nil {
		return err
	}
	for key, value := range entries {
		s.entries.Set(strings.Clone(key), s.fresh(value, ttl))
		s.watches.tell(key)
	}
	return nil
}

// DeleteMany removes the entries under keys and returns how many there were. Its
// errors are those of Delete, before any effect.
func (s *Store) DeleteMany(ctx context.Context, keys []string) (int, error) {
	if err := s.checkAll(ctx, "delete many", keys); err != nil {
		return 0, err
	}
	n := 0
	for _, key := range keys {
		if s.drop(key) {
			n++
		}
	}
	return n, nil
}

// drop removes the entry under key and reports whether it was live.
func (s *Store) drop(key string) bool {
	_, live := s.entries.GetEntryQuietly(key)
	_, removed := s.entries.Invalidate(key)
	s.watches.tell(key)
	return live && removed
}

// Exists reports whether key has a live entry. It counts as no use of it. Its
// errors are those of Get, but a miss is none.
func (s *Store) Exists(ctx context.Context, key string) (bool, error) {
	if err := s.check(ctx, "look for", key); err != nil {
		return false, err
	}
	_, ok := s.entries.GetEntryQuietly(key)
	return ok, nil
}

// DeletePattern removes the entries whose keys match pattern and returns how
// many there were. It looks at every key. Errors wrap [cache.ErrPattern],
// [cache.ErrClosed] or the cause of a ctx that has ended, also while it works.
func (s *Store) DeletePattern(ctx context.Context, pattern string) (int, error) {
	if err := cache.CheckPattern(pattern); err != nil {
		return 0, err
	}
	if err := s.checkOpen(ctx, "delete pattern"); err != nil {
		return 0, err
	}
	n := 0
	for key := range s.entries.Keys() {
		if !cache.MatchPattern(pattern, key) {
			continue
		}
		if s.drop(key) {
			n++
		}
		if ctx.Err() != nil {
			return n, s.checkOpen(ctx, "delete pattern")
		}
	}
	return n, nil
}
