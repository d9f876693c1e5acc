package projection

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	"github.com/lexigram/lexigram-go/lexigram-events/internal/background"
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
	if _, err := (Options{Lag: c.Lag}).withDefaults(); err != nil {
		v.Add("lag", "is "+c.Lag.String()+": it must be at least 1ms", "RANGE")
	}
	if _, err := (Options{Poll: c.Poll}).withDefaults(); err != nil {
		v.Add("poll", "is "+c.Poll.String()+": it must be at least 1ms", "RANGE")
	}
	if _, err := (Options{Lease: c.Lease}).withDefaults(); err != nil {
		v.Add("lease", "is "+c.Lease.String()+": it must be at least 1s", "RANGE")
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
	background.Life[*Projector]
	cfg *Config
}

var _ lifecycle.Drainer = (*provider)(nil)

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
