package hashembed

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Config is the configuration section of [Module].
type Config struct {
	Dimensions int `config:"dimensions"` // 0 means DefaultDimensions
}

// Validate reports dimensions out of range.
func (c Config) Validate() error {
	if c.Dimensions == 0 {
		return nil
	}
	var v errs.ValidationError
	if err := checkDimensions(c.Dimensions); err != nil {
		v.Add("dimensions", "is not 8 to 65536", "RANGE")
	}
	return v.Err()
}

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
	return di.Provide(r, func(context.Context, di.Resolver) (ai.Embedder, error) {
		return New(Options{Dimensions: p.config.Dimensions})
	})
}
