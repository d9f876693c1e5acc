// Package redismodule is what the modules of stores in Redis have in common.
package redismodule

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// A Spec says how a module, which builds an S, differs from others.
type Spec[S health.Checker] struct {
	Name    string
	Config  any
	Exports []di.Key // beside the health check
	Build   func(client redis.UniversalClient) (S, error)
	Close   func(S) error // nil if there is nothing to close
	Offer   []func(r di.Registrar, own di.Option) error
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

// Describe returns the module. It needs a redis.UniversalClient; a server that
// cannot be reached fails the boot.
func Describe[S health.Checker](s Spec[S]) module.Descriptor {
	return module.Descriptor{
		Name:      s.Name,
		Providers: []lifecycle.Provider{provider[S]{s}},
		Needs:     []di.Key{di.KeyOf[redis.UniversalClient]()},
		Exports:   append([]di.Key{di.KeyOf[health.Check](s.Name)}, s.Exports...),
		Config:    s.Config,
	}
}

type provider[S health.Checker] struct{ spec Spec[S] }

var (
	_ lifecycle.Booter      = provider[health.Checker]{}
	_ lifecycle.Prioritizer = provider[health.Checker]{}
)

func (p provider[S]) Name() string { return p.spec.Name }

func (p provider[S]) Register(r di.Registrar) error {
	own := di.Needs(di.KeyOf[S]())
	opts := []di.Option{di.Needs(di.KeyOf[redis.UniversalClient]())}
	if p.spec.Close != nil {
		opts = append(opts, di.Closed(func(_ context.Context, s S) error { return p.spec.Close(s) }))
	}
	err := errors.Join(
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (S, error) {
			client, err := di.Get[redis.UniversalClient](ctx, r)
			if err != nil {
				var none S
				return none, err
			}
			return p.spec.Build(client)
		}, opts...),
		di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
			s, err := di.Get[S](ctx, r)
			return health.Check{Name: p.spec.Name, Checker: s}, err
		}, di.Named(p.spec.Name), own),
	)
	for _, offer := range p.spec.Offer {
		err = errors.Join(err, offer(r, own))
	}
	return err
}

func (p provider[S]) Priority() lifecycle.Priority { return lifecycle.Critical }

func (p provider[S]) Needs() []di.Key {
	return []di.Key{di.KeyOf[S](), di.KeyOf[redis.UniversalClient]()}
}

// Boot connects, so that the application does not start without the server.
func (p provider[S]) Boot(ctx context.Context, r di.Resolver) error {
	client, err := di.Get[redis.UniversalClient](ctx, r)
	if err != nil {
		return err
	}
	return wire.Greet(ctx, client)
}
