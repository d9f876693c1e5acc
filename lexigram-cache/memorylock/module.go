package memorylock

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// name is the module's and its configuration section's.
const name = "memorylock"

// Module returns the module "memorylock", which exports a [lock.Store]. The
// section "memorylock" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[lock.Store]()},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (provider) Name() string { return name }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (lock.Store, error) { return New(*p.cfg) })
}
