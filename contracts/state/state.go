// Package state is the contract for small pieces of state that several
// processes share: sessions, counters, cursors, flags of progress. Unlike a cache
// (contracts/cache), a store of state forgets nothing before its time.
package state

import (
	"context"
	"errors"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of stores. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_STATE_001", errs.Unknown, "state")
	// ErrNotFound reports that a key has no live entry. It may come bare.
	ErrNotFound = Err.Sub("LEX_ERR_STATE_002", errs.NotFound, "state: no entry")
	// ErrKey and ErrTTL report arguments that [CheckKey] and [CheckTTL] refuse.
	ErrKey = Err.Sub("LEX_ERR_STATE_003", errs.Invalid, "state: key is not 1 to 1,024 bytes")
	ErrTTL = Err.Sub("LEX_ERR_STATE_004", errs.Invalid, "state: ttl is negative or under a millisecond")
	// ErrChanged reports that an entry is not what the caller knew.
	ErrChanged = Err.Sub("LEX_ERR_STATE_005", errs.Conflict, "state: entry has changed")
	// ErrFull reports that a bounded store has no room: it drops nothing that is live.
	ErrFull = Err.Sub("LEX_ERR_STATE_006", errs.Exhausted, "state: store is full")
)

// Permanent is the ttl of an entry that stays until it is deleted.
const Permanent time.Duration = 0

// CheckKey returns an error wrapping [ErrKey] unless key has 1 to 1,024 bytes,
// whatever they are. Every backend calls it first.
func CheckKey(key string) error {
	if len(key) == 0 || len(key) > 1024 {
		return ErrKey.Wrap(nil, "state: key %.40q", key)
	}
	return nil
}

// CheckTTL returns an error wrapping [ErrTTL] unless ttl is [Permanent] or at
// least a millisecond. Every backend calls it first where it is given one.
func CheckTTL(ttl time.Duration) error {
	if ttl < 0 || ttl > 0 && ttl < time.Millisecond {
		return ErrTTL.Wrap(nil, "state: ttl %v", ttl)
	}
	return nil
}

// A Store holds byte entries under string keys until they are deleted or their
// ttl has passed; an entry whose ttl has passed is absent from every method.
//
// A Store is safe for concurrent use, and outside every ambient transaction:
// others see at once what it did. It copies what it is given and what it returns.
// Keys and ttls that [CheckKey] and [CheckTTL] refuse are their errors, and change
// nothing. After that, a ctx that has ended is an error wrapping its cause
// ([context.Cause]) from every method, which then has no effect; a ctx that ends
// while a backend works may leave the effect of a write unknown.
type Store interface {
	// Get returns the entry under key, or an error wrapping [ErrNotFound]. An
	// empty value is an entry.
	Get(ctx context.Context, key string) ([]byte, error)

	// Set stores value under key for ttl, in place of the value and the ttl that
	// were there. A ttl holds to the millisecond. A bounded store without room
	// returns an error wrapping [ErrFull].
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error

	// Delete removes the entry under key and reports whether there was one: of
	// several that delete one entry, exactly one is told so.
	Delete(ctx context.Context, key string) (existed bool, err error)
}

// An Expirer is a [Store] that tells and sets the ttl of an entry alone.
type Expirer interface {
	Store
	// TTL returns how long the entry under key lasts, more than zero, or
	// [Permanent], or an error wrapping [ErrNotFound].
	TTL(ctx context.Context, key string) (time.Duration, error)
	// Expire makes the entry under key last for ttl from now, be that longer or
	// shorter than it would have, or returns an error wrapping [ErrNotFound].
	Expire(ctx context.Context, key string, ttl time.Duration) error
}

// A Swapper is a [Store] that changes an entry only if it is what the caller
// knows, in one step. Use [Update] for values that are computed from earlier ones.
type Swapper interface {
	Store
	// Create stores value under key for ttl if key has no entry, and returns an
	// error wrapping [ErrChanged] if it has one.
	Create(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Swap does as Set if the value under key is old, byte for byte, and returns
	// an error wrapping [ErrChanged] if it is another or key has no entry.
	Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error
	// Remove deletes the entry under key if its value is old, byte for byte, and
	// returns an error wrapping [ErrChanged] if it is another or key has no entry.
	Remove(ctx context.Context, key string, old []byte) error
}

// A Batcher is a [Store] that works on many keys in one round trip, or few. Use
// [GetMany] and [SetMany], which fall back to Get and Set.
type Batcher interface {
	Store
	// GetMany returns the live entries among keys, each once; a missing key is
	// absent from the map. One key that [CheckKey] refuses fails the call.
	GetMany(ctx context.Context, keys []string) (map[string][]byte, error)
	// SetMany does as Set for each entry, in any order. If one key is refused
	// nothing is stored; after another error some may be stored and some not.
	SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error
}

// GetMany returns the live entries among keys, in one round trip if s is a
// [Batcher]. The errors are those of Get, but a missing entry is none.
func GetMany(ctx context.Context, s Store, keys []string) (map[string][]byte, error) {
	if b, ok := s.(Batcher); ok {
		if m, err := b.GetMany(ctx, keys); !errors.Is(err, errors.ErrUnsupported) {
			return m, err
		}
	}
	found := make(map[string][]byte, len(keys))
	for _, k := range keys {
		v, err := s.Get(ctx, k)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found[k] = v
	}
	return found, nil
}

// SetMany stores each of entries for ttl, in one round trip if s is a [Batcher].
// If a key or ttl is refused nothing is stored; after another error of Set some may be stored and some not.
func SetMany(ctx context.Context, s Store, entries map[string][]byte, ttl time.Duration) error {
	if b, ok := s.(Batcher); ok {
		if err := b.SetMany(ctx, entries, ttl); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	for k := range entries {
		if err := CheckKey(k); err != nil {
			return err
		}
	}
	for k, v := range entries {
		if err := s.Set(ctx, k, v, ttl); err != nil {
			return err
		}
	}
	return nil
}

// Exists reports whether key has a live entry. It moves no value if s is an [Expirer].
func Exists(ctx context.Context, s Store, key string) (bool, error) {
	err := errors.ErrUnsupported
	if e, ok := s.(Expirer); ok {
		_, err = e.TTL(ctx, key)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		_, err = s.Get(ctx, key)
	}
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
