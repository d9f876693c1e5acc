package process

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-events/internal/background"
)

// Config is the section "process"; the fields are those of [Options] and [WorkerOptions].
type Config struct {
	Lease     time.Duration    `config:"lease"`
	Retention time.Duration    `config:"retention"`
	Parallel  int              `config:"parallel"`
	Poll      time.Duration    `config:"poll"`
	Clock     clock.Clock      `config:"-"`
	Logger    *slog.Logger     `config:"-"`
	Observer  observe.Observer `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	if _, err := (Options{Lease: c.Lease}).withDefaults(); err != nil {
		v.Add("lease", "is "+c.Lease.String()+": it must be at least 1s", "RANGE")
	}
	if _, err := (Options{Retention: c.Retention}).withDefaults(); err != nil {
		v.Add("retention", "is "+c.Retention.String()+": it must be at least 1m", "RANGE")
	}
	if c.Parallel < 0 {
		v.Add("parallel", "is "+itoa(c.Parallel)+": it must be at least 1", "RANGE")
	}
	if _, err := (WorkerOptions{Poll: c.Poll}).withDefaults(); err != nil {
		v.Add("poll", "is "+c.Poll.String()+": it must be at least 1ms", "RANGE")
	}
	return v.Err()
}

// Module offers a [*Manager], which is the [saga.Manager] too, of every
// [saga.Saga] that modules export, each under a name of its own, and the
// [sqldb.Migrations] named "process". It needs a [sqldb.DB]. Its worker starts
// when the whole application has booted, and drains with it. To a command line
// it contributes sagas list, show, resume and cancel.
func Module(defaults Config) module.Descriptor {
	cfg := defaults
	return module.Descriptor{
		Name:      "process",
		Providers: []lifecycle.Provider{&provider{cfg: &cfg}},
		Needs:     needs,
		Exports:   []di.Key{di.KeyOf[*Manager](), di.KeyOf[saga.Manager](), di.KeyOf[sqldb.Migrations]("process")},
		Config:    &cfg,
	}
}

var needs = []di.Key{di.KeyOf[sqldb.DB](), di.KeyOf[saga.Saga]("*")}

type provider struct {
	background.Life[*Worker]
	cfg *Config
}

var _ lifecycle.Drainer = (*provider)(nil)

func (p *provider) Name() string { return "process" }

func (p *provider) Register(r di.Registrar) error {
	manager := di.Needs(di.KeyOf[*Manager]())
	return errors.Join(
		di.Value(r, Migrations(), di.Named("process")),
		di.Value[cli.Contributor](r, Commands{}, di.Named("process")),
		di.Singleton(r, p.manager, di.Needs(needs...)),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (saga.Manager, error) { return di.Get[*Manager](ctx, r) }, manager),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (*Worker, error) {
			m, err := di.Get[*Manager](ctx, r)
			if err != nil {
				return nil, err
			}
			return NewWorker(m, WorkerOptions{Parallel: p.cfg.Parallel, Poll: p.cfg.Poll, Logger: p.cfg.Logger})
		}, manager),
	)
}

func (p *provider) manager(ctx context.Context, r di.Resolver) (*Manager, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	sagas, err := di.All[saga.Saga](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(db, Options{Lease: p.cfg.Lease, Retention: p.cfg.Retention, Clock: p.cfg.Clock, Observer: p.cfg.Observer}, sagas...)
}
