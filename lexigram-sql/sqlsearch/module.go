package sqlsearch

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

const name = "sqlsearch"

// Module offers a [search.Engine], and the [sqldb.Migrations] and a
// [health.Check] named "sqlsearch". It needs a [sqldb.DB]. Its configuration is
// the section "sqlsearch", over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Needs:     []di.Key{di.KeyOf[sqldb.DB]()},
		Exports:   []di.Key{di.KeyOf[search.Engine](), di.KeyOf[sqldb.Migrations](name), di.KeyOf[health.Check](name)},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

// Name returns "sqlsearch".
func (provider) Name() string { return name }

// Register offers the engine.
func (p provider) Register(r di.Registrar) error {
	own := di.Needs(di.KeyOf[*Engine]())
	return errors.Join(
		di.Value(r, Migrations(), di.Named(name)),
		di.Singleton(r, p.engine, di.Needs(di.KeyOf[sqldb.DB]())),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (search.Engine, error) {
			return di.Get[*Engine](ctx, r)
		}, own),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
			e, err := di.Get[*Engine](ctx, r)
			return health.Check{Name: name, Checker: e}, err
		}, di.Named(name), own),
	)
}

func (p provider) engine(ctx context.Context, r di.Resolver) (*Engine, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(db, *p.cfg)
}
