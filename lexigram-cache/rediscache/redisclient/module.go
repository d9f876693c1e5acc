package redisclient

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module returns the module "redisclient", which exports a redis.UniversalClient of
// the servers that the section "redisclient" names over defaults. It connects when the
// first other module needs it: an application whose configuration chose no store in
// Redis needs no server, and no URL. The client is closed with the container.
func Module(defaults Config) module.Descriptor {
	cfg := settings(defaults)
	return module.Descriptor{
		Name:      "redisclient",
		Providers: []lifecycle.Provider{provider{&cfg}},
		Exports:   []di.Key{di.KeyOf[redis.UniversalClient]()},
		Config:    &cfg,
	}
}

// settings are a Config that may lack a URL as long as nobody needs one.
type settings Config

// Validate implements config.Validator.
func (s settings) Validate() error {
	if s.URL.Reveal() == "" {
		return nil
	}
	return Config(s).Validate()
}

type provider struct{ cfg *settings }

func (provider) Name() string { return "redisclient" }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(ctx context.Context, _ di.Resolver) (redis.UniversalClient, error) {
		return Open(ctx, Config(*p.cfg))
	}, di.Closed(func(_ context.Context, c redis.UniversalClient) error { return c.Close() }))
}
