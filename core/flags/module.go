package flags

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/features"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// MemoryConfig configures [MemoryModule].
type MemoryConfig struct {
	// Flags are definitions by key, in the text that [Parse] takes. One of a key that the
	// program defines takes its place.
	Flags map[string]string `config:"flags"`
}

// MemoryModule returns the module "memoryflags", which exports a [Memory] of defined and
// configured flags as [features.Provider]. It is a candidate of a choice:
//
//	boot.Choose("flagprovider", flags.MemoryModule(), flags.EnvironmentModule(flags.EnvironmentOptions{}))
func MemoryModule(defined ...Flag) module.Descriptor {
	cfg := &MemoryConfig{}
	return describe("memoryflags", cfg, func() (*Memory, error) {
		var all []Flag
		for key, text := range cfg.Flags {
			f, err := Parse(key, text)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
		for _, f := range defined {
			if _, ok := cfg.Flags[f.Key]; !ok {
				all = append(all, f)
			}
		}
		return NewMemory(all...)
	})
}

// EnvironmentModule returns the module "environmentflags", which exports an [Environment] as
// [features.Provider].
func EnvironmentModule(defaults EnvironmentOptions) module.Descriptor {
	cfg := &defaults
	return describe("environmentflags", cfg, func() (*Environment, error) { return NewEnvironment(*cfg) })
}

// Module returns the module "flags", which needs a [features.Provider] and exports a [Client]
// of it as [features.Evaluator].
func Module(opts Options) module.Descriptor {
	needs := []di.Key{di.KeyOf[features.Provider]()}
	return module.Descriptor{
		Name: "flags", Needs: needs, Exports: []di.Key{di.KeyOf[features.Evaluator]()},
		Providers: []lifecycle.Provider{provider{"flags", func(r di.Registrar) error {
			return di.Singleton(r, func(ctx context.Context, r di.Resolver) (features.Evaluator, error) {
				p, err := di.Get[features.Provider](ctx, r)
				if err != nil {
					return nil, err
				}
				return New(p, opts)
			}, di.Needs(needs...))
		}}},
	}
}

func describe[P features.Provider](name string, cfg any, build func() (P, error)) module.Descriptor {
	return module.Descriptor{
		Name: name, Config: cfg, Exports: []di.Key{di.KeyOf[features.Provider]()},
		Providers: []lifecycle.Provider{provider{name, func(r di.Registrar) error {
			return di.Singleton(r, func(context.Context, di.Resolver) (features.Provider, error) { return build() })
		}}},
	}
}

type provider struct {
	name     string
	register func(r di.Registrar) error
}

func (p provider) Name() string                  { return p.name }
func (p provider) Register(r di.Registrar) error { return p.register(r) }
