// Package cache is the contract between code that caches and the backends
// that hold the entries.
package cache

import (
	"context"
	"io/fs"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of stores. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_CACHE_001", errs.Unknown, "cache")
	// ErrMiss reports that a key has no live entry. It may come bare: misses are too many to dress.
	ErrMiss = Err.Sub("LEX_ERR_CACHE_002", errs.NotFound, "cache: miss")
	// ErrKey and ErrTTL report arguments that [CheckKey] and [CheckTTL] refuse.
	ErrKey = Err.Sub("LEX_ERR_CACHE_005", errs.Invalid, "cache: key is not 1 to 1,024 bytes")
	ErrTTL = Err.Sub("LEX_ERR_CACHE_006", errs.Invalid, "cache: ttl is negative or under a millisecond")
	// ErrClosed reports that the store was closed.
	ErrClosed = Err.Sub("LEX_ERR_CACHE_007", errs.Unavailable, "cache: store is closed").Also(fs.ErrClosed)
	// ErrChanged reports that an entry is not what the caller knew; see [Swapper].
	ErrChanged = Err.Sub("LEX_ERR_CACHE_008", errs.Conflict, "cache: entry has changed")
	// ErrNumber reports an entry that a [Counter] cannot count on.
	ErrNumber = Err.Sub("LEX_ERR_CACHE_009", errs.Conflict, "cache: entry is not a number that the sum fits")
	// ErrSize reports a value larger than the store takes.
	ErrSize = Err.Sub("LEX_ERR_CACHE_010", errs.Invalid, "cache: value is larger than the store takes")
	// ErrPattern reports what [CheckPattern] refuses.
	ErrPattern = Err.Sub("LEX_ERR_CACHE_011", errs.Invalid, "cache: malformed pattern")
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
// an error wrapping [ErrKey] from every method. After that, a ctx that has
// ended is an error wrapping its cause ([context.Cause]) from every method,
// which then has no effect; a ctx that ends while a backend works may leave the
// effect of Set and Delete unknown.
type Store interface {
	// Get returns the entry under key, or an error wrapping [ErrMiss]. An empty
	// value is an entry.
	Get(ctx context.Context, key string) ([]byte, error)

	// Set stores value under key, in place of the value and the ttl that were
	// there. A ttl of zero keeps it until it is deleted or evicted; another is
	// at least a millisecond and holds to the millisecond; what [CheckTTL]
	// refuses is an error wrapping [ErrTTL], a value larger than the store takes
	// one wrapping [ErrSize], and the entry stays as it was.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error

	// Delete removes the entry under key. A key without one is no error.
	Delete(ctx context.Context, key string) error
}

// A Local holds decoded values in this process: no context, no error, no copy.
// Callers share what Get returns and must not change it. It is safe for
// concurrent use. Typed caches keep their first level in one.
//
// A value stands under a space and a key, both any string: what is kept for two
// tenants differs in its space, and no string has to be joined to find it.
type Local interface {
	// Get returns the live value under key in space.
	Get(space, key string) (any, bool)
	// Set stores value under key, in place of the value and the ttl that were
	// there. A ttl of zero keeps it until it is deleted or evicted; with a
	// negative one key has no value afterwards.
	Set(space, key string, value any, ttl time.Duration)
	// Delete removes the value under key, if there is one.
	Delete(space, key string)
}
