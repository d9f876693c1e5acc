package sqltenants

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

const name = "sqltenants"

// Module returns the module "sqltenants", which needs a [sqldb.DB] and exports
// a [tenancy.Directory] and the [sqldb.Migrations] named "sqltenants". It has no
// configuration. To a command line it contributes tenants list and set-status.
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
	err := errors.Join(di.Value(r, Migrations(), di.Named(name)), di.Value[cli.Contributor](r, Commands{}, di.Named(name)))
	if err != nil {
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
