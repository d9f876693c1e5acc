package redisstate

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/redismodule"
	"github.com/lexigram/lexigram-go/lexigram-cache/rediscache/internal/wire"
)

// name is the module's, its configuration section's and its health check's.
const name = "redisstate"

// Module returns the module "redisstate", which needs a redis.UniversalClient, such
// as redisclient.Module offers, and exports a [state.Store] and its [health.Check].
// The section "redisstate" is decoded over defaults. A server that cannot be reached
// fails the boot.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return redismodule.Describe(redismodule.Spec[*Store]{
		Name: name, Config: cfg,
		Exports: []di.Key{di.KeyOf[state.Store]()},
		Build:   func(client redis.UniversalClient) (*Store, error) { return New(client, *cfg) },
		Offer:   []func(di.Registrar, di.Option) error{redismodule.As[*Store, state.Store]},
	})
}

var _ health.Checker = (*Store)(nil)

// CheckHealth asks the server, or each master of a cluster, to answer: Unhealthy if
// none does, Degraded if some do not, or one may evict entries when it is full.
func (s *Store) CheckHealth(ctx context.Context) health.Result {
	return wire.Health(ctx, s.client, true)
}
