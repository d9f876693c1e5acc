// Package tenantvector keeps the collections of tenants apart in one
// [vector.Store]. It is a decorator: each tenant has collections of its own,
// and lists no other's.
package tenantvector

import (
	"context"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// A Store is the part of another store that belongs to the tenant of the
// context. Every method returns an error wrapping [tenancy.ErrNone] without a
// tenant, before any effect. Make one with [New].
//
// The collection "docs" of a tenant is the collection "t<hash>_docs" of the
// store, where the hash has 130 bits of SHA-256 of the tenant's ID. Names over
// 35 bytes are hashed too; a collection "n<hash>" of the store then keeps what
// they stand for, so that List can name them.
type Store struct{ inner vector.Store }

var _ vector.Store = (*Store)(nil)

// New returns the tenants' view of inner.
func New(inner vector.Store) *Store { return &Store{inner: inner} }

// Create makes a collection of the tenant.
func (s *Store) Create(ctx context.Context, name string, cfg vector.Config) (vector.Collection, error) {
	if err := vector.CheckConfig(name, cfg); err != nil {
		return nil, err
	}
	id, err := tenant(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(name) > bound.Short {
		// before the collection: a name without one is not listed, but a
		// collection without a name would be lost
		if err := s.register(ctx, id, name); err != nil {
			return nil, err
		}
	}
	c, err := s.inner.Create(ctx, bound.Name(id, name), cfg)
	return collection(id, c, err)
}

// Open returns a collection of the tenant. Methods of the collection want the
// same tenant in their context, and return an error wrapping
// [tenancy.ErrDenied] for another one.
func (s *Store) Open(ctx context.Context, name string) (vector.Collection, error) {
	id, err := tenant(ctx, name)
	if err != nil {
		return nil, err
	}
	c, err := s.inner.Open(ctx, bound.Name(id, name))
	return collection(id, c, err)
}

// Drop removes a collection of the tenant.
func (s *Store) Drop(ctx context.Context, name string) error {
	id, err := tenant(ctx, name)
	if err != nil {
		return err
	}
	return s.inner.Drop(ctx, bound.Name(id, name))
}

// List returns the names of the tenant's collections, sorted. It reads the
// names of all tenants' collections from the store. It fails for a tenant that
// has had [vector.MaxLimit] names over 35 bytes.
func (s *Store) List(ctx context.Context) ([]string, error) {
	id, err := tenant(ctx, "")
	if err != nil {
		return nil, err
	}
	all, err := s.inner.List(ctx)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, physical := range all {
		if name, ok := bound.Logical(id, physical); ok {
			names = append(names, name)
		}
	}
	long, err := s.registered(ctx, id, all)
	if err != nil {
		return nil, err
	}
	names = append(names, long...)
	slices.Sort(names)
	return names, nil
}

func tenant(ctx context.Context, name string) (tenancy.ID, error) {
	id, err := bound.Tenant(ctx)
	if err != nil {
		return "", tenancy.Err.Wrap(err, "tenantvector: collection %q", name)
	}
	return id, nil
}
