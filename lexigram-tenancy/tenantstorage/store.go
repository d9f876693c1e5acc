// Package tenantstorage keeps the blobs of tenants apart in one
// [storage.Store]. It is a decorator: each tenant has keys of its own, and
// lists no other's.
package tenantstorage

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// A Store is the part of another store that belongs to the tenant of the
// context. Every method returns an error wrapping [tenancy.ErrNone] without a
// tenant, before any effect. Make one with [New].
//
// Blobs stand under "t/<tenant>/<key>". Tenant IDs hold no slash, so no key of
// one tenant is a key of another. A key that is too long for that, of over 958
// bytes at least, stands under "h/<tenant>/<SHA-256>", and a small blob
// "n/<tenant>/<SHA-256>" notes the key for List; the note stays when the blob goes.
type Store struct{ inner storage.Store }

var (
	_ storage.Store     = (*Store)(nil)
	_ storage.Lister    = (*Store)(nil)
	_ storage.Presigner = (*Store)(nil)
	_ storage.Copier    = (*Store)(nil)
)

// New returns the tenants' view of inner.
func New(inner storage.Store) *Store { return &Store{inner: inner} }

// Put writes a blob of the tenant.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, opts ...storage.PutOption) (storage.Info, error) {
	k, err := physical(ctx, key)
	if err != nil {
		return storage.Info{}, err
	}
	if err := s.note(ctx, k, key); err != nil {
		return storage.Info{}, err
	}
	info, err := s.inner.Put(ctx, k, r, opts...)
	return logical(info, key), err
}

// Open returns a blob of the tenant.
func (s *Store) Open(ctx context.Context, key string, opts ...storage.OpenOption) (*storage.Blob, error) {
	k, err := physical(ctx, key)
	if err != nil {
		return nil, err
	}
	b, err := s.inner.Open(ctx, k, opts...)
	if err != nil {
		return nil, err
	}
	b.Info = logical(b.Info, key)
	return b, nil
}

// Stat describes a blob of the tenant.
func (s *Store) Stat(ctx context.Context, key string) (storage.Info, error) {
	k, err := physical(ctx, key)
	if err != nil {
		return storage.Info{}, err
	}
	info, err := s.inner.Stat(ctx, k)
	return logical(info, key), err
}

// Delete removes a blob of the tenant.
func (s *Store) Delete(ctx context.Context, key string, opts ...storage.DeleteOption) error {
	k, err := physical(ctx, key)
	if err != nil {
		return err
	}
	return s.inner.Delete(ctx, k, opts...)
}

// Presign lets others read or write one blob of the tenant. The URL shows the
// tenant's ID. Without presigning in the store under it, that is an error
// wrapping errors.ErrUnsupported.
func (s *Store) Presign(ctx context.Context, key string, p storage.Presign) (storage.Presigned, error) {
	k, err := physical(ctx, key)
	if err != nil {
		return storage.Presigned{}, err
	}
	inner, ok := s.inner.(storage.Presigner)
	if !ok {
		return storage.Presigned{}, unsupported("presign", key)
	}
	if p.Method == http.MethodPut {
		if err := s.note(ctx, k, key); err != nil {
			return storage.Presigned{}, err
		}
	}
	return inner.Presign(ctx, k, p)
}

// Copy copies inside the tenant, or returns an error wrapping
// errors.ErrUnsupported if the store under it cannot.
func (s *Store) Copy(ctx context.Context, from, to string, pre storage.Preconditions) (storage.Info, error) {
	f, err := physical(ctx, from)
	if err != nil {
		return storage.Info{}, err
	}
	t, err := physical(ctx, to)
	if err != nil {
		return storage.Info{}, err
	}
	inner, ok := s.inner.(storage.Copier)
	if !ok {
		return storage.Info{}, unsupported("copy", from)
	}
	if err := s.note(ctx, t, to); err != nil {
		return storage.Info{}, err
	}
	info, err := inner.Copy(ctx, f, t, pre)
	return logical(info, to), err
}

// logical returns info of a blob under the tenant's name for it.
func logical(info storage.Info, key string) storage.Info {
	if info.Key != "" {
		info.Key = key
	}
	return info
}

func unsupported(op, key string) error {
	return storage.Err.Wrap(errors.ErrUnsupported, "tenantstorage: %s %.40q", op, key)
}
