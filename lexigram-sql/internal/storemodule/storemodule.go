// Package storemodule is what the modules of stores over a database have in
// common: where the tables are, and housekeeping.
package storemodule

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/migrate"
)

// DefaultEvery is how often housekeeping is done.
const DefaultEvery = 10 * time.Minute

// CheckEvery adds to v unless every, the key sweep, is 0 or at least a second.
func CheckEvery(v *errs.ValidationError, every time.Duration) {
	if every != 0 && every < time.Second {
		v.Add("sweep", "must be at least 1s; leave it out for 10m", "RANGE")
	}
}

// A Spec says how a module, which builds an S, differs from others.
type Spec[S any] struct {
	Name       string
	Migrations sqldb.Migrations
	Config     any
	Needs      []di.Key
	Exports    []di.Key // beside the migrations
	// File returns the name of the file that the tables have where the database is
	// SQLite, which then has one writer more; nil leaves them in the application's.
	File  func() string
	Build func(ctx context.Context, r di.Resolver, db sqldb.DB) (S, error)
	Offer []func(r di.Registrar, own di.Option) error // see As
	// Commands contributes to a command line, named as the module; nil contributes nothing.
	Commands cli.Contributor
	// Sweep deletes what has expired and returns how much, from time to time; nil if nothing does.
	Sweep  func(ctx context.Context, s S) (int64, error)
	Every  func() time.Duration // 0 is DefaultEvery
	Logger *slog.Logger         // nil discards
}

// As registers the module's S as a contract that it implements.
func As[S, T any](r di.Registrar, own di.Option) error {
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (T, error) {
		s, err := di.Get[S](ctx, r)
		if err != nil {
			var none T
			return none, err
		}
		return any(s).(T), nil // Describe's caller names a T that S is, and a test of its builds it
	}, own)
}

// Describe returns the module.
func Describe[S any](s Spec[S]) module.Descriptor {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	needs := append([]di.Key{di.KeyOf[sqldb.DB]()}, s.Needs...)
	return module.Descriptor{
		Name:      s.Name,
		Providers: []lifecycle.Provider{&provider[S]{spec: s}},
		Needs:     needs,
		Exports:   append([]di.Key{di.KeyOf[sqldb.Migrations](s.Name)}, s.Exports...),
		Config:    s.Config,
	}
}

// A place is the database that the tables of an S are in.
type place[S any] struct {
	sqldb.DB
	opened sqldb.Opened // what the module closes, or nil
}

type provider[S any] struct {
	spec    Spec[S]
	sweeper sweeper
}

var (
	_ lifecycle.Booter       = (*provider[any])(nil)
	_ lifecycle.Bootstrapper = (*provider[any])(nil)
	_ lifecycle.Stopper      = (*provider[any])(nil)
)

func (p *provider[S]) Name() string { return p.spec.Name }

func (p *provider[S]) Register(r di.Registrar) error {
	own := di.Needs(di.KeyOf[S]())
	err := errs.Join(
		di.Value(r, p.spec.Migrations, di.Named(p.spec.Name)),
		di.Singleton(r, p.place, di.Needs(di.KeyOf[sqldb.DB]()), di.Closed(func(_ context.Context, at *place[S]) error {
			if at.opened == nil {
				return nil
			}
			return at.opened.Close()
		})),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (S, error) {
			at, err := di.Get[*place[S]](ctx, r)
			if err != nil {
				var none S
				return none, err
			}
			return p.spec.Build(ctx, r, at.DB)
		}, di.Needs(di.KeyOf[*place[S]]()), di.Needs(p.spec.Needs...)),
	)
	if p.spec.Commands != nil {
		err = errs.Join(err, di.Value(r, p.spec.Commands, di.Named(p.spec.Name)))
	}
	for _, offer := range p.spec.Offer {
		err = errs.Join(err, offer(r, own))
	}
	return err
}

// place returns the application's database, or opens a file beside it and
// brings its tables up to date.
func (p *provider[S]) place(ctx context.Context, r di.Resolver) (*place[S], error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil || db.Dialect() != sqldb.SQLite || p.spec.File == nil {
		return &place[S]{DB: db}, err
	}
	opener, ok := db.(sqldb.Opener)
	if !ok {
		return &place[S]{DB: db}, nil
	}
	opened, err := opener.Open(ctx, sqldb.Place{Database: p.spec.File(), Create: true})
	if errors.Is(err, errors.ErrUnsupported) {
		return &place[S]{DB: db}, nil
	} else if err != nil {
		return nil, err
	}
	m, err := migrate.New(opened, migrate.Options{}, p.spec.Migrations)
	if err == nil {
		_, err = m.Up(ctx)
	}
	if err != nil {
		return nil, errs.Join(err, opened.Close())
	}
	return &place[S]{DB: opened, opened: opened}, nil
}

// Needs are what Boot and Bootstrap resolve.
func (p *provider[S]) Needs() []di.Key { return []di.Key{di.KeyOf[S]()} }

// Boot makes the store, so that what is wrong with it stops the start.
func (p *provider[S]) Boot(ctx context.Context, r di.Resolver) error {
	_, err := di.Get[S](ctx, r)
	return err
}

// Bootstrap begins housekeeping.
func (p *provider[S]) Bootstrap(ctx context.Context, r di.Resolver) error {
	s, err := di.Get[S](ctx, r)
	if err != nil || p.spec.Sweep == nil {
		return err
	}
	every := p.spec.Every()
	if every == 0 {
		every = DefaultEvery
	}
	p.sweeper.start(every, func(ctx context.Context) {
		switch n, err := p.spec.Sweep(ctx, s); {
		case err != nil && ctx.Err() == nil:
			p.spec.Logger.WarnContext(ctx, p.spec.Name+": housekeeping failed, and is tried again", slog.Any("error", err))
		case n > 0:
			p.spec.Logger.DebugContext(ctx, p.spec.Name+": deleted what has expired", slog.Int64("rows", n))
		}
	})
	return nil
}

// Shutdown ends housekeeping.
func (p *provider[S]) Shutdown(ctx context.Context) error { return p.sweeper.stop(ctx) }
