package secretstore

import (
	"context"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// MemoryConfig configures [MemoryModule]: the section "memorysecrets".
type MemoryConfig struct {
	// Secrets are there from the start, by name; for development.
	Secrets map[string]config.Secret[string] `config:"secrets"`
}

// MemoryModule returns the module "memorysecrets", which exports a [Memory] as
// [security.SecretStore]. Modules of this package are candidates of one choice:
//
//	boot.Choose("secrets", secretstore.EnvironmentModule(secretstore.EnvironmentOptions{}), secretstore.MemoryModule(secretstore.MemoryConfig{}))
func MemoryModule(defaults MemoryConfig) module.Descriptor {
	cfg := &defaults
	return describe("memorysecrets", cfg, func(ctx context.Context) (*Memory, error) {
		m := &Memory{}
		for name, value := range cfg.Secrets {
			if err := m.Set(ctx, name, value); err != nil {
				return nil, err
			}
		}
		return m, nil
	})
}

// EnvironmentModule returns the module "environmentsecrets", which exports an [Environment]
// as [security.SecretStore].
func EnvironmentModule(defaults EnvironmentOptions) module.Descriptor {
	cfg := &defaults
	return describe("environmentsecrets", cfg, func(context.Context) (*Environment, error) { return NewEnvironment(*cfg) })
}

// DirectoryConfig configures [DirectoryModule].
type DirectoryConfig struct {
	// Path is the directory, which exists.
	Path string `config:"path,required"`
	// Shared is that of [DirectoryOptions].
	Shared bool `config:"shared"`
}

// DirectoryModule returns the module "directorysecrets", which exports a [Directory] as
// [security.SecretStore], and closes it.
func DirectoryModule(defaults DirectoryConfig) module.Descriptor {
	cfg := &defaults
	return describe("directorysecrets", cfg, func(context.Context) (*Directory, error) {
		if cfg.Path == "" {
			return nil, security.Err.Wrap(errors.New("path is required"), "secretstore: directory")
		}
		return NewDirectory(cfg.Path, DirectoryOptions{Shared: cfg.Shared})
	}, di.Closed(func(_ context.Context, d *Directory) error { return d.Close() }))
}

func describe[S security.SecretStore](name string, cfg any, build func(context.Context) (S, error), opts ...di.Option) module.Descriptor {
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider[S]{name, build, opts}},
		Exports:   []di.Key{di.KeyOf[security.SecretStore]()},
		Config:    cfg,
	}
}

type provider[S security.SecretStore] struct {
	name  string
	build func(context.Context) (S, error)
	opts  []di.Option
}

func (p provider[S]) Name() string { return p.name }

func (p provider[S]) Register(r di.Registrar) error {
	err := di.Singleton(r, func(ctx context.Context, _ di.Resolver) (S, error) { return p.build(ctx) }, p.opts...)
	if err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (security.SecretStore, error) {
		return di.Get[S](ctx, r)
	}, di.Needs(di.KeyOf[S]()))
}
