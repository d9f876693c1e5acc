package sqlevents

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Module offers a [Bus] as [events.Publisher] and [events.Subscriber], and its
// [sqldb.Migrations] and a [health.Check], both named "sqlevents". It needs a
// [sqldb.DB]. It drains the bus when the application drains. To a command line it
// contributes events groups and events dlq list, replay and discard.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "sqlevents",
		Providers: []lifecycle.Provider{&provider{cfg: &cfg}},
		Needs:     []di.Key{di.KeyOf[sqldb.DB]()},
		Exports: []di.Key{
			di.KeyOf[events.Publisher](), di.KeyOf[events.Subscriber](),
			di.KeyOf[sqldb.Migrations]("sqlevents"), di.KeyOf[health.Check]("sqlevents"),
		},
		Config: &cfg,
	}
}

type provider struct {
	cfg *Config
	bus atomic.Pointer[Bus]
}

var (
	_ lifecycle.Provider = (*provider)(nil)
	_ lifecycle.Drainer  = (*provider)(nil)
	_ lifecycle.Stopper  = (*provider)(nil)
)

func (p *provider) Name() string { return "sqlevents" }

func (p *provider) Register(r di.Registrar) error {
	bus := di.Needs(di.KeyOf[*Bus]())
	return errors.Join(
		di.Value(r, Migrations(), di.Named("sqlevents")),
		di.Value[cli.Contributor](r, Commands{}, di.Named("sqlevents")),
		di.Singleton(r, p.build, di.Needs(di.KeyOf[sqldb.DB]())),
		di.Singleton(r, as[events.Publisher], bus),
		di.Singleton(r, as[events.Subscriber], bus),
		di.Singleton(r, p.check, bus, di.Named("sqlevents")),
	)
}

func (p *provider) build(ctx context.Context, r di.Resolver) (*Bus, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	b, err := New(db, *p.cfg)
	if err == nil {
		p.bus.Store(b)
	}
	return b, err
}

// as yields the bus as one of the contracts that it implements.
func as[T any](ctx context.Context, r di.Resolver) (T, error) {
	b, err := di.Get[*Bus](ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	return any(b).(T), nil
}

func (p *provider) check(ctx context.Context, r di.Resolver) (health.Check, error) {
	b, err := di.Get[*Bus](ctx, r)
	return health.Check{Name: "sqlevents", Checker: b}, err
}

// Drain finishes what handlers have; the rest stays in the tables.
func (p *provider) Drain(ctx context.Context) error { return p.close(ctx) }

// Shutdown closes the bus if nothing drained it.
func (p *provider) Shutdown(ctx context.Context) error { return p.close(ctx) }

func (p *provider) close(ctx context.Context) error {
	if b := p.bus.Load(); b != nil {
		return b.Close(ctx)
	}
	return nil
}
