package memorycache

import (
	"context"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// name is the module's, its configuration section's and its health check's.
const name = "memorycache"

// Module returns the module "memorycache", which exports a [cache.Store] and
// its [health.Check]. The section "memorycache" is decoded over defaults.
func Module(defaults Config) module.Descriptor {
	cfg := &defaults
	return module.Descriptor{
		Name:      name,
		Providers: []lifecycle.Provider{provider{cfg}},
		Exports:   []di.Key{di.KeyOf[cache.Store](), di.KeyOf[health.Check](name)},
		Config:    cfg,
	}
}

type provider struct{ cfg *Config }

func (p provider) Name() string { return name }

func (p provider) Register(r di.Registrar) error {
	own := di.KeyOf[*Store]()
	err := di.Singleton(r, func(context.Context, di.Resolver) (*Store, error) { return New(*p.cfg) },
		di.Closed(func(_ context.Context, s *Store) error { return s.Close() }))
	if err != nil {
		return err
	}
	err = di.Singleton(r, func(ctx context.Context, r di.Resolver) (cache.Store, error) { return di.Get[*Store](ctx, r) }, di.Needs(own))
	if err != nil {
		return err
	}
	return di.Singleton(r, func(ctx context.Context, r di.Resolver) (health.Check, error) {
		s, err := di.Get[*Store](ctx, r)
		if err != nil {
			return health.Check{}, err
		}
		return health.Check{Name: name, Checker: s}, nil
	}, di.Named(name), di.Needs(own))
}

var _ health.Checker = (*Store)(nil)

// CheckHealth is Healthy with the number of entries, and their bytes if those are
// bounded, and Unhealthy once the store is closed.
func (s *Store) CheckHealth(context.Context) health.Result {
	if s.closed.Load() {
		return health.Result{Status: health.Unhealthy, Message: cache.ErrClosed.Error()}
	}
	details := map[string]string{"entries": strconv.Itoa(s.Len())}
	if bytes := s.figures().Bytes; bytes >= 0 {
		details["bytes"] = strconv.FormatInt(bytes, 10)
	}
	return health.Result{Status: health.Healthy, Details: details}
}
