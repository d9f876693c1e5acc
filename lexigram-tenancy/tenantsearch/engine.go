// Package tenantsearch keeps the indexes of tenants apart in one
// [search.Engine]. It is a decorator: each tenant has indexes of its own, so
// neither documents nor the statistics that rank them are shared.
package tenantsearch

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// An Engine is the part of another engine that belongs to the tenant of the
// context. Every method returns an error wrapping [tenancy.ErrNone] without a
// tenant, before any effect. Make one with [New].
//
// The index "docs" of a tenant is the index "t<hash of the tenant>_docs" of the
// engine; names over 35 bytes are hashed too. The hash has 130 bits of SHA-256.
type Engine struct{ inner search.Engine }

var _ search.Engine = (*Engine)(nil)

// New returns the tenants' view of inner.
func New(inner search.Engine) *Engine { return &Engine{inner: inner} }

// Index adds documents to an index of the tenant.
func (e *Engine) Index(ctx context.Context, index string, docs ...search.Document) error {
	name, err := physical(ctx, index)
	if err != nil {
		return err
	}
	return e.inner.Index(ctx, name, docs...)
}

// Delete removes documents from an index of the tenant.
func (e *Engine) Delete(ctx context.Context, index string, ids ...string) error {
	name, err := physical(ctx, index)
	if err != nil {
		return err
	}
	return e.inner.Delete(ctx, name, ids...)
}

// Search finds documents in an index of the tenant.
func (e *Engine) Search(ctx context.Context, index string, q search.Query) (search.Page, error) {
	name, err := physical(ctx, index)
	if err != nil {
		return search.Page{}, err
	}
	return e.inner.Search(ctx, name, q)
}

func physical(ctx context.Context, index string) (string, error) {
	if err := search.CheckIndex(index); err != nil {
		return "", err
	}
	id, err := bound.Tenant(ctx)
	if err != nil {
		return "", tenancy.Err.Wrap(err, "tenantsearch: index %q", index)
	}
	return bound.Name(id, index), nil
}
