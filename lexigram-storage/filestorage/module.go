package filestorage

import (
	"context"
	"errors"
	"os"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// name is the module's, its configuration section's and its health check's.
const name = "filestorage"

// Module returns the module "filestorage", which exports a [storage.Store] and
// its [health.Check]. The section "filestorage" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[storage.Store](), di.KeyOf[health.Check](name)},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (p provider) Name() string { return name }

func (p provider) Register(r di.Registrar) error {
	own := di.KeyOf[*Store]()
	err := di.Singleton(r, func(context.Context, di.Resolver) (*Store, error) { return Open(*p.cfg) },
		di.Closed(func(_ context.Context, s *Store) error { return s.Close() }))
	if err != nil {
		return err
	}
	err = di.Singleton(r, func(ctx context.Context, r di.Resolver) (storage.Store, error) { return di.Get[*Store](ctx, r) }, di.Needs(own))
	if err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
		s, err := di.Get[*Store](ctx, r)
		return health.Check{Name: name, Checker: s}, err
	}, di.Named(name), di.Needs(own))
}

var _ health.Checker = (*Store)(nil)

// CheckHealth is Unhealthy if the store is closed, or its directory cannot be
// read or is no longer where it was.
func (s *Store) CheckHealth(ctx context.Context) health.Result {
	if err := s.probe(ctx); err != nil {
		return health.Result{Status: health.Unhealthy, Message: err.Error()}
	}
	return health.Result{Status: health.Healthy}
}

func (s *Store) probe(ctx context.Context) error {
	done, err := s.begin(ctx, "check", "")
	if err != nil {
		return err
	}
	defer done()
	mine, err := s.disk.root.Stat(".")
	if err != nil {
		return err
	}
	there, err := os.Stat(s.dir)
	if err != nil {
		return err
	}
	if !os.SameFile(mine, there) {
		return errors.New("another directory has taken the place of " + s.dir)
	}
	_, err = s.disk.root.Stat(blobsDir)
	return err
}
