package migrate

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Module applies every [sqldb.Migrations] of the application to its [sqldb.DB]
// while it boots, before the providers that use the tables do. It has nothing
// to configure and offers nothing.
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

func (provider) Register(di.Registrar) error { return nil }

func (provider) Needs() []di.Key {
	return []di.Key{di.KeyOf[sqldb.DB](), di.KeyOf[sqldb.Migrations]("*")}
}

func (provider) Boot(ctx context.Context, r di.Resolver) error {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return err
	}
	sets, err := di.All[sqldb.Migrations](ctx, r)
	if err != nil {
		return err
	}
	m, err := New(db, Options{}, sets...)
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}
