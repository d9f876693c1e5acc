package resolve

import (
	"context"
	"errors"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Chain asks resolvers in order: the first that names a tenant wins. One that
// fails otherwise than with [tenancy.ErrNone] ends the search with its error: a
// request that names its tenant wrongly must not be read in another way. Of
// none, or if none names a tenant, it is [tenancy.ErrNone].
func Chain(resolvers ...tenancy.Resolver) tenancy.Resolver { return chain(slices.Clone(resolvers)) }

type chain []tenancy.Resolver

func (c chain) Resolve(ctx context.Context, r *tenancy.Request) (tenancy.Ref, error) {
	for _, resolver := range c {
		if ref, err := resolver.Resolve(ctx, r); !errors.Is(err, tenancy.ErrNone) {
			return ref, err
		}
	}
	return tenancy.Ref{}, none("request")
}
