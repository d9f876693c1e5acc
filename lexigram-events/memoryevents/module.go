package memoryevents

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Config is the section "memoryevents"; the fields are those of [Options].
type Config struct {
	Buffer      int              `config:"buffer"`
	DedupWindow time.Duration    `config:"dedup_window"`
	DedupLimit  int              `config:"dedup_limit"`
	Keep        int              `config:"keep"`
	DeadLetters int              `config:"dead_letters"`
	OnDead      func(DeadLetter) `config:"-"`
	Logger      *slog.Logger     `config:"-"`
	Observer    observe.Observer `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is negative.
func (c Config) Validate() error {
	var v errs.ValidationError
	for _, n := range []struct {
		key string
		bad bool
	}{
		{"buffer", c.Buffer < 0}, {"dedup_window", c.DedupWindow < 0}, {"dedup_limit", c.DedupLimit < 0},
		{"keep", c.Keep < 0}, {"dead_letters", c.DeadLetters < 0},
	} {
		if n.bad {
			v.Add(n.key, "must not be negative; leave it out for the default", "RANGE")
		}
	}
	return v.Err()
}

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
		di.Provide(r, p.build),
		di.Provide(r, as[events.Publisher], bus),
		di.Provide(r, as[events.Subscriber], bus),
		di.Provide(r, as[events.Deliverer], bus),
		di.Provide(r, p.check, bus, di.Named("memoryevents")),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *provider) build(context.Context, di.Resolver) (*Bus, error) {
	c := p.cfg
	b := New(Options{
		Buffer: c.Buffer, DedupWindow: c.DedupWindow, DedupLimit: c.DedupLimit, Keep: c.Keep,
		DeadLetters: c.DeadLetters, OnDead: c.OnDead, Logger: c.Logger, Observer: c.Observer,
	})
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
