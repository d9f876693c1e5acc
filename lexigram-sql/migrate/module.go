package migrate

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Module applies every [sqldb.Migrations] of the application to its [sqldb.DB]
// while it boots, before the providers that use the tables do. It has nothing
// to configure and offers nothing to others. To a command line it contributes
// migrate status, migrate plan, migrate up and gen migration.
func Module() module.Descriptor {
	p := provider{}
	return module.Descriptor{Name: "migrate", Providers: []lifecycle.Provider{p}, Needs: p.Needs()}
}

type provider struct{}

var (
	_ lifecycle.Provider    = provider{}
	_ lifecycle.Booter      = provider{}
	_ lifecycle.Prioritizer = provider{}
)

func (provider) Name() string { return "migrate" }

func (provider) Priority() lifecycle.Priority { return lifecycle.Infrastructure }

func (provider) Register(r di.Registrar) error {
	return di.Value[cli.Contributor](r, Commands{}, di.Named("migrate"))
}

func (provider) Needs() []di.Key {
	return []di.Key{di.KeyOf[sqldb.DB](), di.KeyOf[sqldb.Migrations]("*")}
}

func (provider) Boot(ctx context.Context, r di.Resolver) error {
	m, err := migratorOf(ctx, r)
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}
