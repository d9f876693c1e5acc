package sqlstate

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

// Create stores value under key if it has no entry; see [state.Swapper]. Errors wrap
// [state.ErrChanged] and those of Set.
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := check(ctx, "create", key, ttl); err != nil {
		return err
	}
	return s.change(ctx, "create", key, s.sql.create, bytesOf(value), phrase.Micros(ttl))
}

// Swap does as Set if the value under key is old; see [state.Swapper]. Errors wrap
// [state.ErrChanged] and those of Set.
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := check(ctx, "swap", key, ttl); err != nil {
		return err
	}
	return s.change(ctx, "swap", key, s.sql.swap, bytesOf(value), phrase.Micros(ttl), bytesOf(old))
}

// Remove deletes the entry under key if its value is old; see [state.Swapper]. Errors
// wrap [state.ErrChanged], [state.ErrKey], or are those of the database.
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	if err := check(ctx, "remove", key, state.Permanent); err != nil {
		return err
	}
	return s.change(ctx, "remove", key, s.sql.remove, bytesOf(old))
}

// change runs a statement that affects no row if the entry is not what the caller knows.
func (s *Store) change(ctx context.Context, op, key, sql string, args ...any) error {
	n, err := s.exec(ctx, op, key, sql, args...)
	if err == nil && n == 0 {
		return state.ErrChanged.Wrap(nil, "sqlstate: %s %.40q", op, key)
	}
	return err
}
