package commandbus

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/cqrs"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module returns the module "commandbus", which exports a [cqrs.CommandBus] and a
// [cqrs.QueryBus], both with opts. Modules register their handlers when they boot.
func Module(opts Options) module.Descriptor {
	return module.Descriptor{
		Name:      "commandbus",
		Providers: []lifecycle.Provider{provider{opts}},
		Exports:   []di.Key{di.KeyOf[cqrs.CommandBus](), di.KeyOf[cqrs.QueryBus]()},
	}
}

type provider struct{ opts Options }

func (p provider) Name() string { return "commandbus" }

func (p provider) Register(r di.Registrar) error {
	err := di.Singleton(r, func(context.Context, di.Resolver) (cqrs.CommandBus, error) { return NewCommands(p.opts) })
	if err != nil {
		return err
	}
	return di.Singleton(r, func(context.Context, di.Resolver) (cqrs.QueryBus, error) { return NewQueries(p.opts) })
}
