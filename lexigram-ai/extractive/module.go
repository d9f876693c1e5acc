package extractive

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Module returns the module "extractive", which exports an [ai.ChatModel].
func Module(defaults Config) module.Descriptor {
	return module.Descriptor{
		Name:      "extractive",
		Providers: []lifecycle.Provider{&provider{config: &defaults}},
		Exports:   []di.Key{di.KeyOf[ai.ChatModel]()},
		Config:    &defaults,
	}
}

type provider struct{ config *Config }

func (*provider) Name() string { return "extractive" }

func (p *provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (ai.ChatModel, error) {
		return New(*p.config), nil
	})
}
