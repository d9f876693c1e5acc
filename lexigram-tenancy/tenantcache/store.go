// Package tenantcache keeps the entries of tenants apart in one [cache.Store].
// It is a decorator: code that gets it sees an ordinary store that holds only
// what the tenant of the context has put there, and fails with
// [tenancy.ErrNone] when there is none.
package tenantcache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// A Store is the part of another store that belongs to the tenant of the
// context. Every method returns an error wrapping [tenancy.ErrNone] without a
// tenant, before any effect. It is as safe, as durable and as bounded as the
// store under it; tenants share its capacity. Make one with [New].
//
// Entries stand under "t/<tenant>/<key>", and under "h/<tenant>/<SHA-256>" if
// that is longer than a key may be. Tenant IDs hold no slash, so no key of one
// tenant, whatever its bytes, is a key of another.
//
// It has every optional ability of contracts/cache. One that the store under it
// lacks is an error wrapping [errors.ErrUnsupported], before any effect.
type Store struct{ inner cache.Store }

var _ cache.Store = (*Store)(nil)

// New returns the tenants' view of inner.
func New(inner cache.Store) *Store { return &Store{inner: inner} }

// Get returns the tenant's entry, or an error wrapping [cache.ErrMiss].
func (s *Store) Get(ctx context.Context, key string) ([]byte, error) {
	k, err := physical(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.inner.Get(ctx, k)
}

// Set stores an entry of the tenant.
func (s *Store) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	k, err := physical(ctx, key)
	if err != nil {
		return err
	}
	return s.inner.Set(ctx, k, value, ttl)
}

// Delete removes an entry of the tenant.
func (s *Store) Delete(ctx context.Context, key string) error {
	k, err := physical(ctx, key)
	if err != nil {
		return err
	}
	return s.inner.Delete(ctx, k)
}

// physical returns the key under which the tenant's entry stands.
func physical(ctx context.Context, key string) (string, error) {
	if err := cache.CheckKey(key); err != nil {
		return "", err
	}
	id, err := bound.Tenant(ctx)
	if err != nil {
		return "", wrap(err, key)
	}
	k := "t/" + string(id) + "/" + key
	if cache.CheckKey(k) == nil {
		return k, nil
	}
	sum := sha256.Sum256([]byte(key))
	return "h/" + string(id) + "/" + hex.EncodeToString(sum[:]), nil
}

func wrap(err error, key string) error { return tenancy.Err.Wrap(err, "tenantcache: key %.40q", key) }
