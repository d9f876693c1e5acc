package memoryvector

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/vector"
)

const name = "memoryvector"

// Module offers a [vector.Store], and a [health.Check] named "memoryvector". Its
// configuration is that section, over defaults. The store is opened when it is
// first asked for, and closed with the application.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[vector.Store](), di.KeyOf[health.Check](name)},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

// Name returns "memoryvector".
func (provider) Name() string { return name }

// Register offers the store.
func (p provider) Register(r di.Registrar) error {
	err := di.Singleton(r, func(context.Context, di.Resolver) (*Store, error) { return Open(*p.cfg) },
		di.Closed(func(_ context.Context, s *Store) error { return s.Close() }))
	if err != nil {
		return err
	}
	err = di.Singleton(r, func(ctx context.Context, r di.Resolver) (vector.Store, error) {
		return di.Get[*Store](ctx, r)
	}, di.Needs(di.KeyOf[*Store]()))
	if err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
		s, err := di.Get[*Store](ctx, r)
		return health.Check{Name: name, Checker: s}, err
	}, di.Named(name), di.Needs(di.KeyOf[*Store]()))
}
