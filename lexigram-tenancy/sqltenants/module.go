package sqltenants

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

const name = "sqltenants"

// Module returns the module "sqltenants", which needs a [sqldb.DB] and exports
// a [tenancy.Directory] and the [sqldb.Migrations] named "sqltenants". It has no
// configuration.
func Module() module.Descriptor {
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{}},
		Needs:     []di.Key{di.KeyOf[sqldb.DB]()},
		Exports:   []di.Key{di.KeyOf[tenancy.Directory](), di.KeyOf[sqldb.Migrations](name)},
	}
}

type provider struct{}

func (provider) Name() string { return name }

func (provider) Register(r di.Registrar) error {
	if err := di.Value(r, Migrations(), di.Named(name)); err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (tenancy.Directory, error) {
		db, err := di.Get[sqldb.DB](ctx, r)
		if err != nil {
			return nil, err
		}
		return New(db), nil
	}, di.Needs(di.KeyOf[sqldb.DB]()))
}
