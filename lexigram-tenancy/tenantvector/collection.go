package tenantvector

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/internal/bound"
)

// A guarded collection refuses contexts of other tenants: one that was kept in
// a field must not become a way around the context.
type guarded struct {
	tenant tenancy.ID
	inner  vector.Collection
}

var _ vector.Collection = (*guarded)(nil)

func collection(id tenancy.ID, c vector.Collection, err error) (vector.Collection, error) {
	if err != nil {
		return nil, err
	}
	return &guarded{tenant: id, inner: c}, nil
}

func (g *guarded) Upsert(ctx context.Context, points ...vector.Point) error {
	if err := g.check(ctx); err != nil {
		return err
	}
	return g.inner.Upsert(ctx, points...)
}

func (g *guarded) Delete(ctx context.Context, ids ...string) error {
	if err := g.check(ctx); err != nil {
		return err
	}
	return g.inner.Delete(ctx, ids...)
}

func (g *guarded) Search(ctx context.Context, q vector.Query) ([]vector.Match, error) {
	if err := g.check(ctx); err != nil {
		return nil, err
	}
	return g.inner.Search(ctx, q)
}

func (g *guarded) check(ctx context.Context) error {
	id, err := bound.Tenant(ctx)
	if err != nil {
		return tenancy.Err.Wrap(err, "tenantvector: collection")
	}
	if id != g.tenant {
		return tenancy.ErrDenied.Wrap(nil, "tenantvector: collection of another tenant")
	}
	return nil
}
