package sqlwatch

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// name is the module's and its configuration section's.
const name = "sqlwatch"

// Config is the section "sqlwatch".
type Config struct {
	// Off leaves databases as they are; the [Log] stays empty.
	Off bool `config:"off"`
	// Slow, Keep, SampleEvery, Lines and ShowValues are those of [LogOptions].
	Slow        time.Duration `config:"slow"`
	Keep        int           `config:"keep"`
	SampleEvery int           `config:"sample_every"`
	Lines       int           `config:"lines"`
	ShowValues  bool          `config:"show_values"`
	// Callers and Wait are those of [Options].
	Callers bool          `config:"callers"`
	Wait    time.Duration `config:"wait"`
	// Logger gets slow statements and the reports of Wait. nil discards.
	Logger *slog.Logger `config:"-"`
	// Observer is that of [Options] and [LogOptions].
	Observer observe.Observer `config:"-"`
}

func (c Config) log() LogOptions {
	return LogOptions{
		Slow: c.Slow, Keep: c.Keep, SampleEvery: c.SampleEvery, Lines: c.Lines, ShowValues: c.ShowValues,
		Logger: c.Logger, Observer: c.Observer,
	}
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	if err := c.log().Validate(); err != nil {
		return err
	}
	var v errs.ValidationError
	if c.Wait < 0 {
		v.Add("wait", "must not be negative; leave it out for no bound", "RANGE")
	}
	return v.Err()
}

// A Watch returns the watched view of a database, or, if that is off, the database.
type Watch func(db sqldb.DB) (sqldb.DB, error)

// Module returns the module "sqlwatch", which exports the [Watch] that [Wrap] looks
// for, and the [Log] of what it watches as a [sqldb.QueryLogger] and a [sqldb.QueryInspector].
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{&provider{cfg}},
		Exports:   []di.Key{di.KeyOf[Watch](), di.KeyOf[sqldb.QueryLogger](), di.KeyOf[sqldb.QueryInspector]()},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (p *provider) Name() string { return name }

func (p *provider) Register(r di.Registrar) error {
	own := di.Needs(di.KeyOf[*Log]())
	return errs.Join(
		di.Singleton(r, func(context.Context, di.Resolver) (*Log, error) { return NewLog(p.cfg.log()) }),
		di.Singleton(r, as[sqldb.QueryLogger], own),
		di.Singleton(r, as[sqldb.QueryInspector], own),
		di.Singleton(r, p.watch, own),
	)
}

func as[T any](ctx context.Context, r di.Resolver) (T, error) {
	l, err := di.Get[*Log](ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	return any(l).(T), nil
}

func (p *provider) watch(ctx context.Context, r di.Resolver) (Watch, error) {
	l, err := di.Get[*Log](ctx, r)
	if err != nil {
		return nil, err
	}
	report := p.cfg.Logger
	if report == nil {
		report = slog.New(slog.DiscardHandler)
	}
	return func(db sqldb.DB) (sqldb.DB, error) {
		if p.cfg.Off {
			return db, nil
		}
		return New(db, Options{
			Logger: l, Observer: p.cfg.Observer, Callers: p.cfg.Callers, Wait: p.cfg.Wait, Report: report,
		})
	}, nil
}

// Wrap returns the module of a database whose services include a D, such as
// *sqlite.DB, and the [sqldb.DB] that it exports: this one is then watched,
// if the application has [Module], too.
//
//	boot.New(…).Add(sqlwatch.Module(sqlwatch.Config{}), sqlwatch.Wrap[*sqlite.DB](sqlite.Module(sqlite.Config{})))
func Wrap[D sqldb.DB](of module.Descriptor) module.Descriptor {
	of.Providers = append(slices.Clone(of.Providers), wrapper[D]{})
	of.Needs = append(slices.Clone(of.Needs), di.Optional(di.KeyOf[Watch]()))
	return of
}

// wrapper registers the database once more.
type wrapper[D sqldb.DB] struct{}

func (wrapper[D]) Name() string { return name }

func (wrapper[D]) Register(r di.Registrar) error {
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (sqldb.DB, error) {
		db, err := di.Get[D](ctx, r)
		if err != nil {
			return nil, err
		}
		watch, found, err := di.Maybe[Watch](ctx, r)
		if err != nil || !found {
			return db, err
		}
		return watch(db)
	}, di.Needs(di.KeyOf[D](), di.Optional(di.KeyOf[Watch]())), di.Replaces())
}
