package hashembed

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module returns the module "hashembed", which exports an [ai.Embedder].
func Module(defaults Config) module.Descriptor {
	return module.Descriptor{
		Name:      "hashembed",
		Providers: []lifecycle.Provider{&provider{config: &defaults}},
		Exports:   []di.Key{di.KeyOf[ai.Embedder]()},
		Config:    &defaults,
	}
}

type provider struct{ config *Config }

func (*provider) Name() string { return "hashembed" }

func (p *provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (ai.Embedder, error) {
		return New(*p.config)
	})
}
