package sqlsearch

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/storemodule"
)

// name is the module's and its configuration section's.
const name = "sqlsearch"

// Config is what [Module] is configured with: the section "sqlsearch" has the weights.
type Config = Options

// Module offers a [search.Engine], and the [sqldb.Migrations] and a
// [health.Check] named "sqlsearch". It needs a [sqldb.DB]. Its configuration is
// the section "sqlsearch", over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return storemodule.Describe(storemodule.Spec[*Engine]{
		Name: name, Migrations: Migrations(), Config: cfg,
		Exports: []di.Key{di.KeyOf[search.Engine](), di.KeyOf[health.Check](name)},
		Build:   func(_ context.Context, _ di.Resolver, db sqldb.DB) (*Engine, error) { return New(db, *cfg) },
		Offer:   []func(di.Registrar, di.Option) error{storemodule.As[*Engine, search.Engine], offerCheck},
	})
}

func offerCheck(r di.Registrar, own di.Option) error {
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
		e, err := di.Get[*Engine](ctx, r)
		return health.Check{Name: name, Checker: e}, err
	}, di.Named(name), own)
}
