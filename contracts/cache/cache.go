// Package cache is the contract between code that caches and the backends
// that hold the entries.
package cache

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

var (
	Err = errs.New("LEX_ERR_CACHE_001", errs.Unknown, "cache")
	// ErrMiss reports that a key has no live entry. It may come bare: misses are too many to dress.
	ErrMiss = Err.Sub("LEX_ERR_CACHE_002", errs.NotFound, "cache: miss")
	// ErrKey and ErrTTL report arguments that [CheckKey] and [CheckTTL] refuse.
	ErrKey = Err.Sub("LEX_ERR_CACHE_005", errs.Invalid, "cache: key is not 1 to 1,024 bytes")
	ErrTTL = Err.Sub("LEX_ERR_CACHE_006", errs.Invalid, "cache: ttl is negative or under a millisecond")
)

// CheckKey returns an error wrapping [ErrKey] unless key has 1 to 1,024 bytes,
// whatever they are. Every backend calls it first.
func CheckKey(key string) error {
	if len(key) == 0 || len(key) > 1024 {
		return ErrKey.Wrap(nil, "cache: key %.40q", key)
	}
	return nil
}

// CheckTTL returns an error wrapping [ErrTTL] unless ttl is zero or at least a
// millisecond. Every backend's Set calls it first.
func CheckTTL(ttl time.Duration) error {
	if ttl < 0 || ttl > 0 && ttl < time.Millisecond {
		return ErrTTL.Wrap(nil, "cache: ttl %v", ttl)
	}
	return nil
}

// A Store holds byte entries under string keys.
//
// A Store is safe for concurrent use. It copies what it is given and what it
// returns, so a caller may reuse its slices. A key that [CheckKey] refuses is
// an error wrapping [ErrKey] from every method.
type Store interface {
	// Get returns the entry under key, or an error wrapping [ErrMiss].
	Get(ctx context.Context, key string) ([]byte, error)

	// Set stores value under key. A ttl of zero keeps it until it is deleted
	// or evicted; another is at least a millisecond and holds to the
	// millisecond; what [CheckTTL] refuses is an error wrapping [ErrTTL].
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error

	// Delete removes the entry under key. A key without one is no error.
	Delete(ctx context.Context, key string) error
}

// A Batcher is a [Store] that answers for many keys in one round trip. Use
// [GetMany], which falls back to Get.
type Batcher interface {
	Store
	// GetMany returns the live entries among keys; a missing key is absent from the map.
	GetMany(ctx context.Context, keys []string) (map[string][]byte, error)
}

// GetMany returns the live entries among keys.
func GetMany(ctx context.Context, s Store, keys []string) (map[string][]byte, error) {
	if b, ok := s.(Batcher); ok {
		if m, err := b.GetMany(ctx, keys); !errors.Is(err, errors.ErrUnsupported) {
			return m, err
		}
	}
	found := make(map[string][]byte, len(keys))
	for _, k := range keys {
		v, err := s.Get(ctx, k)
		if errors.Is(err, ErrMiss) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[k] = v
	}
	return found, nil
}

// A Local holds decoded values in this process: no context, no error, no copy.
// Callers share what Get returns and must not change it. It is safe for
// concurrent use. Typed and tiered caches keep their first level in one.
type Local interface {
	Get(key string) (any, bool)
	Set(key string, value any, ttl time.Duration)
	Delete(key string)
}
