package memorysearch

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/search"
)

const name = "memorysearch"

// Module offers a [search.Engine], and a [health.Check] named "memorysearch". Its
// configuration is that section, over defaults. The engine is opened when it is
// first asked for, and closed with the application.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[search.Engine](), di.KeyOf[health.Check](name)},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

// Name returns "memorysearch".
func (provider) Name() string { return name }

// Register offers the engine.
func (p provider) Register(r di.Registrar) error {
	err := di.Singleton(r, func(context.Context, di.Resolver) (*Engine, error) { return Open(*p.cfg) },
		di.Closed(func(_ context.Context, e *Engine) error { return e.Close() }))
	if err != nil {
		return err
	}
	err = di.Singleton(r, func(ctx context.Context, r di.Resolver) (search.Engine, error) {
		return di.Get[*Engine](ctx, r)
	}, di.Needs(di.KeyOf[*Engine]()))
	if err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
		e, err := di.Get[*Engine](ctx, r)
		return health.Check{Name: name, Checker: e}, err
	}, di.Named(name), di.Needs(di.KeyOf[*Engine]()))
}
