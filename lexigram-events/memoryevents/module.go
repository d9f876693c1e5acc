package memoryevents

import (
	"context"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module offers a [Bus] as [events.Publisher], [events.Subscriber] and
// [events.Deliverer], and a [health.Check] named "memoryevents". It drains the
// bus when the application drains.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "memoryevents",
		Providers: []lifecycle.Provider{&provider{cfg: &cfg}},
		Exports: []di.Key{
			di.KeyOf[events.Publisher](),
			di.KeyOf[events.Subscriber](),
			di.KeyOf[events.Deliverer](),
			di.KeyOf[health.Check]("memoryevents"),
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

func (p *provider) Name() string { return "memoryevents" }

func (p *provider) Register(r di.Registrar) error {
	bus := di.Needs(di.KeyOf[*Bus]())
	for _, err := range []error{
		di.Singleton(r, p.build),
		di.Singleton(r, as[events.Publisher], bus),
		di.Singleton(r, as[events.Subscriber], bus),
		di.Singleton(r, as[events.Deliverer], bus),
		di.Singleton(r, p.check, bus, di.Named("memoryevents")),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *provider) build(context.Context, di.Resolver) (*Bus, error) {
	b := New(*p.cfg)
	p.bus.Store(b)
	return b, nil
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
	return health.Check{Name: "memoryevents", Checker: b}, err
}

// Drain closes the bus: what it holds would end with the process.
func (p *provider) Drain(ctx context.Context) error { return p.close(ctx) }

// Shutdown closes the bus if nothing drained it.
func (p *provider) Shutdown(ctx context.Context) error { return p.close(ctx) }

func (p *provider) close(ctx context.Context) error {
	if b := p.bus.Load(); b != nil {
		return b.Close(ctx)
	}
	return nil
}
