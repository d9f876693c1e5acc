package sqlite

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Module offers a [sqldb.DB] and a health.Check, both of the file that section
// "sqlite" configures over defaults. A file that cannot be opened or written
// fails the boot; the database is closed with the container, after everything that uses it.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "sqlite",
		Providers: []lifecycle.Provider{&provider{&cfg}},
		Exports:   []di.Key{di.KeyOf[sqldb.DB](), di.KeyOf[health.Check]("sqlite")},
		Config:    &cfg,
	}
}

// provider opens the database in the first wave.
type provider struct{ cfg *Config }

var (
	_ lifecycle.Provider    = (*provider)(nil)
	_ lifecycle.Booter      = (*provider)(nil)
	_ lifecycle.Prioritizer = (*provider)(nil)
)

func (p *provider) Name() string { return "sqlite" }

func (p *provider) Priority() lifecycle.Priority { return lifecycle.Critical }

func (p *provider) Needs() []di.Key { return []di.Key{di.KeyOf[sqldb.DB]()} }

func (p *provider) Register(r di.Registrar) error {
	err := di.Singleton(r, func(ctx context.Context, _ di.Resolver) (*DB, error) {
		return Open(ctx, *p.cfg)
	}, di.Closed(func(_ context.Context, db *DB) error { return db.Close() }))
	if err != nil {
		return err
	}
	err = di.Singleton(r, func(ctx context.Context, r di.Resolver) (sqldb.DB, error) {
		return di.Get[*DB](ctx, r)
	}, di.Needs(di.KeyOf[*DB]()))
	if err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
		db, err := di.Get[*DB](ctx, r)
		return health.Check{Name: "sqlite", Checker: db}, err
	}, di.Needs(di.KeyOf[*DB]()), di.Named("sqlite"))
}

// Boot opens the database, so that the application does not start without it.
func (p *provider) Boot(ctx context.Context, r di.Resolver) error {
	_, err := di.Get[sqldb.DB](ctx, r)
	return err
}
