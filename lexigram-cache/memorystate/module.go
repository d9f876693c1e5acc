package memorystate

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/state"
)

// name is the module's and its configuration section's.
const name = "memorystate"

// Module returns the module "memorystate", which exports a [state.Store]. The
// section "memorystate" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[state.Store]()},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (provider) Name() string { return name }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (state.Store, error) { return New(*p.cfg) })
}
