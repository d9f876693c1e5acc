package redislimit

import (
	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redismodule"
)

// Module returns the module "redislimit", which needs a redis.UniversalClient, such
// as redisclient.Module offers, and exports a [resilience.Limiter] and its health
// check. The section "redislimit" is decoded over defaults. A server that cannot be
// reached fails the boot.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return redismodule.Describe(redismodule.Spec[*Limiter]{
		Name: "redislimit", Config: cfg,
		Exports: []di.Key{di.KeyOf[resilience.Limiter]()},
		Build:   func(client redis.UniversalClient) (*Limiter, error) { return New(client, cfg.rate(), cfg.options()) },
		Offer:   []func(di.Registrar, di.Option) error{redismodule.As[*Limiter, resilience.Limiter]},
	})
}
