package sqleventstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// name is the module's and its configuration section's.
const name = "sqleventstore"

// Config is the section "sqleventstore"; the fields are those of [Options].
type Config struct {
	Poll   time.Duration `config:"poll"`
	Logger *slog.Logger  `config:"-"`
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.Poll != 0 && c.Poll < time.Millisecond {
		v.Add("poll", fmt.Sprintf("is %v: it must be a millisecond at least, or 0 for a second", c.Poll), "RANGE")
	}
	return v.Err()
}

// Module offers a [Store] as [eventstore.Log], [eventstore.Store] and
// [eventstore.AllReader], and [sqldb.Migrations] named "sqleventstore". It needs
// a [sqldb.DB]. While the application runs, so does [Store.Run].
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{&provider{cfg: cfg}},
		Needs:     []di.Key{di.KeyOf[sqldb.DB]()},
		Exports: []di.Key{
			di.KeyOf[eventstore.Log](), di.KeyOf[eventstore.Store](), di.KeyOf[eventstore.AllReader](),
			di.KeyOf[sqldb.Migrations](name),
		},
		Config: cfg,
	}
}

type provider struct {
	cfg *Config

	mu     sync.Mutex
	cancel context.CancelFunc
	done   chan error
}

var (
	_ lifecycle.Bootstrapper = (*provider)(nil)
	_ lifecycle.Stopper      = (*provider)(nil)
)

func (*provider) Name() string { return name }

func (p *provider) Register(r di.Registrar) error {
	store := di.Needs(di.KeyOf[*Store]())
	return errors.Join(
		di.Value(r, Migrations(), di.Named(name)),
		di.Singleton(r, p.store, di.Needs(di.KeyOf[sqldb.DB]())),
		di.Singleton(r, as[eventstore.Log], store),
		di.Singleton(r, as[eventstore.Store], store),
		di.Singleton(r, as[eventstore.AllReader], store),
	)
}

func (p *provider) store(ctx context.Context, r di.Resolver) (*Store, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(db, Options{Poll: p.cfg.Poll, Logger: p.cfg.Logger})
}

// as yields the store as one of the contracts that it implements.
func as[T any](ctx context.Context, r di.Resolver) (T, error) {
	s, err := di.Get[*Store](ctx, r)
	if err != nil {
		var none T
		return none, err
	}
	return any(s).(T), nil
}

// Needs are what Bootstrap resolves.
func (*provider) Needs() []di.Key { return []di.Key{di.KeyOf[*Store]()} }

// Bootstrap has the store hear what others commit. If it cannot, it polls.
func (p *provider) Bootstrap(ctx context.Context, r di.Resolver) error {
	s, err := di.Get[*Store](ctx, r)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	p.cancel, p.done = cancel, done
	go func() {
		err := s.Run(run)
		if run.Err() == nil {
			s.opts.Logger.Warn("sqleventstore: nothing wakes readers of what others append; they poll", "error", err)
		}
		done <- err
	}()
	return nil
}

// Shutdown ends what Bootstrap began.
func (p *provider) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel == nil {
		return nil
	}
	p.cancel()
	select {
	case <-p.done:
		p.cancel = nil
		return nil
	case <-ctx.Done():
		return eventstore.Err.Wrap(context.Cause(ctx), "sqleventstore: stop")
	}
}
