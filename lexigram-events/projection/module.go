package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Config is the section "projection"; the fields are those of [Options].
type Config struct {
	Batch    int              `config:"batch"`
	Lag      time.Duration    `config:"lag"`
	Poll     time.Duration    `config:"poll"`
	Lease    time.Duration    `config:"lease"`
	Clock    clock.Clock      `config:"-"`
	Logger   *slog.Logger     `config:"-"`
	Observer observe.Observer `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.Batch < 0 {
		v.Add("batch", fmt.Sprintf("is %d: it must be at least 1", c.Batch), "RANGE")
	}
	for key, o := range map[string]Options{"lag": {Lag: c.Lag}, "poll": {Poll: c.Poll}, "lease": {Lease: c.Lease}} {
		if _, err := o.withDefaults(); err != nil {
			v.Add(key, "is too short", "RANGE")
		}
	}
	return v.Err()
}

// Module offers a [*Projector] of every [Projection] that modules export, each
// under a name of its own, the [sqldb.Migrations] and a [health.Check], both
// named "projection". It needs an [eventstore.Log] and a [sqldb.DB], and uses a
// [lock.Store] if there is one. It follows when the whole application has
// booted, and drains with it. To a command line it contributes projections
// status and rebuild.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "projection",
		Providers: []lifecycle.Provider{&provider{cfg: &cfg}},
		Needs:     needs,
		Exports: []di.Key{
			di.KeyOf[*Projector](), di.KeyOf[sqldb.Migrations]("projection"), di.KeyOf[health.Check]("projection"),
		},
		Config: &cfg,
	}
}

var needs = []di.Key{
	di.KeyOf[eventstore.Log](), di.KeyOf[sqldb.DB](), di.KeyOf[Projection]("*"), di.Optional(di.KeyOf[lock.Store]()),
}

type provider struct {
	cfg       *Config
	projector atomic.Pointer[Projector]
}

var (
	_ lifecycle.Booter       = (*provider)(nil)
	_ lifecycle.Bootstrapper = (*provider)(nil)
	_ lifecycle.Drainer      = (*provider)(nil)
	_ lifecycle.Stopper      = (*provider)(nil)
)

func (p *provider) Name() string { return "projection" }

func (p *provider) Register(r di.Registrar) error {
	return errors.Join(
		di.Value(r, Migrations(), di.Named("projection")),
		di.Value[cli.Contributor](r, Commands{}, di.Named("projection")),
		di.Singleton(r, p.build, di.Needs(needs...)),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
			projector, err := di.Get[*Projector](ctx, r)
			return health.Check{Name: "projection", Checker: projector}, err
		}, di.Needs(di.KeyOf[*Projector]()), di.Named("projection")),
	)
}

func (p *provider) build(ctx context.Context, r di.Resolver) (*Projector, error) {
	log, err := di.Get[eventstore.Log](ctx, r)
	if err != nil {
		return nil, err
	}
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	all, err := di.All[Projection](ctx, r)
	if err != nil {
		return nil, err
	}
	locks, _, err := di.Maybe[lock.Store](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(log, db, Options{
		Batch: p.cfg.Batch, Lag: p.cfg.Lag, Poll: p.cfg.Poll, Lease: p.cfg.Lease, Lock: locks,
		Clock: p.cfg.Clock, Logger: p.cfg.Logger, Observer: p.cfg.Observer,
	}, all...)
}

// Needs are what Boot and Bootstrap resolve.
func (p *provider) Needs() []di.Key { return []di.Key{di.KeyOf[*Projector]()} }

// Boot makes the projector, so that wrong projections stop the application early.
func (p *provider) Boot(ctx context.Context, r di.Resolver) error {
	projector, err := di.Get[*Projector](ctx, r)
	if err == nil {
		p.projector.Store(projector)
	}
	return err
}

// Bootstrap begins to follow the log: what handlers use has booted.
func (p *provider) Bootstrap(ctx context.Context, _ di.Resolver) error {
	return p.projector.Load().Start(ctx)
}

// Drain finishes the batches that are being handled.
func (p *provider) Drain(ctx context.Context) error {
	if projector := p.projector.Load(); projector != nil {
		return projector.Drain(ctx)
	}
	return nil
}

// Shutdown stops the projector if nothing drained it.
func (p *provider) Shutdown(ctx context.Context) error {
	if projector := p.projector.Load(); projector != nil {
		return projector.Stop(ctx)
	}
	return nil
}
