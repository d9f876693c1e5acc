package sqlsecrets

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/security"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/storemodule"
)

// name is the module's and its configuration section's.
const name = "sqlsecrets"

// Config is what [Module] is configured with: the section "sqlsecrets" has the key versions.
type Config = Options

// Module returns the module "sqlsecrets", which needs a [sqldb.DB] and a
// [security.Sealer], and exports a [security.SecretStore], a [*Store] for Reseal, and the
// [sqldb.Migrations] named "sqlsecrets". It contributes secrets reseal to a command line.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	sealer := di.KeyOf[security.Sealer]()
	return storemodule.Describe(storemodule.Spec[*Store]{
		Name: name, Migrations: Migrations(), Config: cfg,
		Needs:    []di.Key{sealer},
		Commands: Commands{},
		Exports:  []di.Key{di.KeyOf[security.SecretStore](), di.KeyOf[*Store]()},
		Build: func(ctx context.Context, r di.Resolver, db sqldb.DB) (*Store, error) {
			s, err := di.Get[security.Sealer](ctx, r)
			if err != nil {
				return nil, err
			}
			return New(db, s, *cfg)
		},
		Offer: []func(di.Registrar, di.Option) error{storemodule.As[*Store, security.SecretStore]},
	})
}
