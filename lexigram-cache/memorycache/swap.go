package memorycache

import (
	"bytes"
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

var (
	_ cache.Swapper = (*Store)(nil)
	_ cache.Counter = (*Store)(nil)
)

// change replaces the entry under key by what next returns, in one step. An
// error of next leaves it as it is.
func (s *Store) change(key string, next func(old entry, found bool) (entry, otter.ComputeOp, error)) error {
	var err error
	s.entries.Compute(strings.Clone(key), func(old entry, found bool) (e entry, op otter.ComputeOp) {
		if e, op, err = next(old, found); err != nil {
			return old, otter.CancelOp
		}
		return e, op
	})
	if err == nil {
		s.watches.tell(key)
	}
	return err
}

// Create stores a copy of value under key if it has no entry; see
// [cache.Swapper]. Errors are those of Set and [cache.ErrChanged].
func (s *Store) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.checkWrite(ctx, "create", key, value, ttl); err != nil {
		return err
	}
	return s.change(key, func(_ entry, found bool) (entry, otter.ComputeOp, error) {
		if found {
			return entry{}, otter.CancelOp, cache.ErrChanged
		}
		return s.fresh(value, ttl), otter.WriteOp, nil
	})
}

// Swap stores a copy of value under key if the entry's is old; see
// [cache.Swapper]. Errors are those of Set and [cache.ErrChanged].
func (s *Store) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := s.checkWrite(ctx, "swap", key, value, ttl); err != nil {
		return err
	}
	return s.change(key, func(e entry, found bool) (entry, otter.ComputeOp, error) {
		if !found || !bytes.Equal(e.value, old) {
			return entry{}, otter.CancelOp, cache.ErrChanged
		}
		return s.fresh(value, ttl), otter.WriteOp, nil
	})
}

// Remove deletes the entry under key if its value is old; see [cache.Swapper].
// Errors are those of Delete and [cache.ErrChanged].
func (s *Store) Remove(ctx context.Context, key string, old []byte) error {
	if err := s.check(ctx, "remove", key); err != nil {
		return err
	}
	return s.change(key, func(e entry, found bool) (entry, otter.ComputeOp, error) {
		if !found || !bytes.Equal(e.value, old) {
			return entry{}, otter.CancelOp, cache.ErrChanged
		}
		return entry{}, otter.InvalidateOp, nil
	})
}

// Increment adds delta to the number under key; see [cache.Counter]. Errors are
// those of Set and [cache.ErrNumber].
func (s *Store) Increment(ctx context.Context, key string, delta int64, ttl time.Duration) (int64, error) {
	if err := s.checkWrite(ctx, "increment", key, make([]byte, 0, 20), ttl); err != nil {
		return 0, err
	}
	var sum int64
	err := s.change(key, func(old entry, found bool) (entry, otter.ComputeOp, error) {
		if !found {
			sum = delta
			return s.fresh(strconv.AppendInt(nil, sum, 10), ttl), otter.WriteOp, nil
		}
		n, err := strconv.ParseInt(string(old.value), 10, 64)
		if err != nil || strconv.FormatInt(n, 10) != string(old.value) || delta > 0 && n > math.MaxInt64-delta || delta < 0 && n < math.MinInt64-delta {
			return entry{}, otter.CancelOp, cache.ErrNumber.Wrap(nil, "memorycache: increment %.40q", key)
		}
		sum = n + delta
		return entry{strconv.AppendInt(nil, sum, 10), old.until}, otter.WriteOp, nil
	})
	return sum, err
}
