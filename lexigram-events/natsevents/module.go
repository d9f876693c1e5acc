package natsevents

import (
	"context"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module offers a [Bus] as [events.Publisher] and [events.Subscriber], and a
// [health.Check] named "natsevents", of the server that section "natsevents"
// configures over defaults. A server that cannot be reached fails the boot. The
// bus is drained when the application drains.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "natsevents",
		Providers: []lifecycle.Provider{&provider{cfg: &cfg}},
		Exports: []di.Key{
			di.KeyOf[events.Publisher](),
			di.KeyOf[events.Subscriber](),
			di.KeyOf[health.Check]("natsevents"),
		},
		Config: &cfg,
	}
}

// provider connects in the first wave.
type provider struct {
	cfg *Config
	bus atomic.Pointer[Bus]
}

var (
	_ lifecycle.Provider    = (*provider)(nil)
	_ lifecycle.Booter      = (*provider)(nil)
	_ lifecycle.Prioritizer = (*provider)(nil)
	_ lifecycle.Drainer     = (*provider)(nil)
	_ lifecycle.Stopper     = (*provider)(nil)
)

func (p *provider) Name() string { return "natsevents" }

func (p *provider) Priority() lifecycle.Priority { return lifecycle.Critical }

func (p *provider) Needs() []di.Key { return []di.Key{di.KeyOf[*Bus]()} }

func (p *provider) Register(r di.Registrar) error {
	bus := di.Needs(di.KeyOf[*Bus]())
	for _, err := range []error{
		di.Singleton(r, p.build),
		di.Singleton(r, as[events.Publisher], bus),
		di.Singleton(r, as[events.Subscriber], bus),
		di.Singleton(r, p.check, bus, di.Named("natsevents")),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *provider) build(ctx context.Context, _ di.Resolver) (*Bus, error) {
	b, err := Open(ctx, *p.cfg)
	if err != nil {
		return nil, err
	}
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
	return health.Check{Name: "natsevents", Checker: b}, err
}

// Boot connects, so that the application does not start without the server.
func (p *provider) Boot(ctx context.Context, r di.Resolver) error {
	_, err := di.Get[*Bus](ctx, r)
	return err
}

// Drain closes the bus, whose handlers would outlive what they need otherwise.
func (p *provider) Drain(ctx context.Context) error { return p.close(ctx) }

// Shutdown closes the bus if nothing drained it.
func (p *provider) Shutdown(ctx context.Context) error { return p.close(ctx) }

func (p *provider) close(ctx context.Context) error {
	if b := p.bus.Load(); b != nil {
		return b.Close(ctx)
	}
	return nil
}
