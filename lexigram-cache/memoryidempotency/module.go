package memoryidempotency

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// name is the module's and its configuration section's.
const name = "memoryidempotency"

// Module returns the module "memoryidempotency", which exports an [idempotency.Store]. The
// section "memoryidempotency" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[idempotency.Store]()},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (provider) Name() string { return name }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (idempotency.Store, error) { return New(*p.cfg) })
}
