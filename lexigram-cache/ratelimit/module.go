package ratelimit

import (
	"context"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// Config is what [Module] is configured with: the section "ratelimit". The zero value lacks a rate.
type Config struct {
	// Events, Per and Burst are those of [resilience.Rate].
	Events int           `config:"events"`
	Per    time.Duration `config:"per"`
	Burst  int           `config:"burst"`
	// MaxKeys is that of [Options].
	MaxKeys int `config:"max_keys"`
}

// Validate returns an errs.ValidationError that names what is out of range.
func (c Config) Validate() error {
	_, err := c.limiter()
	return err
}

func (c Config) limiter() (*Limiter, error) {
	return New(resilience.Rate{Events: c.Events, Per: c.Per, Burst: c.Burst}, Options{MaxKeys: c.MaxKeys})
}

// Module returns the module "ratelimit", which exports a [resilience.Limiter]. The
// section "ratelimit" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      "ratelimit",
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[resilience.Limiter]()},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (provider) Name() string { return "ratelimit" }

func (p provider) Register(r di.Registrar) error {
	return di.Singleton(r, func(context.Context, di.Resolver) (resilience.Limiter, error) { return p.cfg.limiter() })
}
