package cache

import (
	"context"
	"errors"
	"time"
)

// A Batcher is a [Store] that answers for many keys in one round trip. Use
// [GetMany], which falls back to Get.
type Batcher interface {
	Store
	// GetMany returns the live entries among keys, each once; a missing key is
	// absent from the map. One key that [CheckKey] refuses fails the call.
	GetMany(ctx context.Context, keys []string) (map[string][]byte, error)
}

// GetMany returns the live entries among keys, in one round trip if s is a
// [Batcher]. The errors are those of Get, but a miss is none.
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

// A BatchWriter is a [Store] that writes many keys in one round trip, or few.
// Use [SetMany] and [DeleteMany], which fall back to Set and Delete.
type BatchWriter interface {
	Store
	// SetMany does as Set for each entry, in any order. If a key, the ttl or a
	// value is refused nothing is stored; after another error some may be.
	SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error
	// DeleteMany removes the entries under keys and returns how many there were.
	// One key that [CheckKey] refuses fails the call before any effect.
	DeleteMany(ctx context.Context, keys []string) (int, error)
}

// SetMany stores each of entries for ttl, in one round trip if s is a
// [BatchWriter]. If a key or ttl is refused nothing is stored; after another
// error of Set some may be stored and some not.
func SetMany(ctx context.Context, s Store, entries map[string][]byte, ttl time.Duration) error {
	if b, ok := s.(BatchWriter); ok {
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

// DeleteMany removes the entries under keys and returns how many there were. If
// s is no [BatchWriter], it asks for each key and then deletes it: what others
// do in between makes the number inexact. After an error some may be deleted.
func DeleteMany(ctx context.Context, s Store, keys []string) (int, error) {
	if b, ok := s.(BatchWriter); ok {
		if n, err := b.DeleteMany(ctx, keys); !errors.Is(err, errors.ErrUnsupported) {
			return n, err
		}
	}
	for _, k := range keys {
		if err := CheckKey(k); err != nil {
			return 0, err
		}
	}
	n := 0
	for _, k := range keys {
		found, err := Exists(ctx, s, k)
		if err == nil {
			err = s.Delete(ctx, k)
		}
		if err != nil {
			return n, err
		}
		if found {
			n++
		}
	}
	return n, nil
}

// An Exister is a [Store] that looks for an entry without moving its value. Use
// [Exists], which falls back to Get.
type Exister interface {
	Store
	// Exists reports whether key has a live entry.
	Exists(ctx context.Context, key string) (bool, error)
}

// Exists reports whether key has a live entry. It moves no value if s is an [Exister].
func Exists(ctx context.Context, s Store, key string) (bool, error) {
	if e, ok := s.(Exister); ok {
		if found, err := e.Exists(ctx, key); !errors.Is(err, errors.ErrUnsupported) {
			return found, err
		}
	}
	_, err := s.Get(ctx, key)
	if errors.Is(err, ErrMiss) {
		return false, nil
	}
	return err == nil, err
}
