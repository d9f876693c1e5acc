package memorystorage

import (
	"context"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// name is the module's and its health check's.
const name = "memorystorage"

// Module returns the module "memorystorage", which exports a [storage.Store] and
// its [health.Check]. There is nothing to configure.
func Module() module.Descriptor {
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{}},
		Exports:   []di.Key{di.KeyOf[storage.Store](), di.KeyOf[health.Check](name)},
	}
}

type provider struct{}

func (provider) Name() string { return name }

func (provider) Register(r di.Registrar) error {
	s := New()
	if err := di.Value[storage.Store](r, s); err != nil {
		return err
	}
	return di.Value(r, health.Check{Name: name, Checker: s}, di.Named(name))
}

var _ health.Checker = (*Store)(nil)

// CheckHealth is Healthy with the number of blobs.
func (s *Store) CheckHealth(context.Context) health.Result {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return health.Result{Status: health.Healthy, Details: map[string]string{"blobs": strconv.Itoa(len(s.blobs))}}
}
