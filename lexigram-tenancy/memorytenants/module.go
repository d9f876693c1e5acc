package memorytenants

import (
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Module returns the module "memorytenants", which exports a
// [tenancy.Directory]. It has no configuration.
func Module() module.Descriptor {
	return module.Descriptor{
		Name:      "memorytenants",
		Providers: []lifecycle.Provider{provider{}},
		Exports:   []di.Key{di.KeyOf[tenancy.Directory]()},
	}
}

type provider struct{}

func (provider) Name() string { return "memorytenants" }

func (provider) Register(r di.Registrar) error {
	return di.Value[tenancy.Directory](r, New())
}
