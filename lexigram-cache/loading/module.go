package loading

import (
	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// name is the module's.
const name = "loading"

// Module returns the module "loading", which needs a [cache.Store] and
// contributes cache stats, get, del and tags to a command line. Caches are made
// with [New] by whoever knows their types.
func Module() module.Descriptor {
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{}},
		Needs:     []di.Key{di.KeyOf[cache.Store]()},
		Exports:   []di.Key{di.KeyOf[cli.Contributor](name)},
	}
}

type provider struct{}

func (provider) Name() string { return name }

func (provider) Register(r di.Registrar) error {
	return di.Value[cli.Contributor](r, Commands{}, di.Named(name))
}
