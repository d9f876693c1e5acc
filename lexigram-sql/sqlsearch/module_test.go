package sqlsearch

import (
	"context"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/search"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// registry is the least of a container.
type registry map[di.Key]di.Registration

func (r registry) Register(reg di.Registration) error {
	r[reg.Key] = reg
	return nil
}

func (r registry) Resolve(ctx context.Context, key di.Key) (any, error) {
	reg, ok := r[key]
	if !ok {
		return nil, di.ErrMissing
	}
	return reg.Build(ctx, r)
}

func TestModule(t *testing.T) {
	d := Module(Config{})
	r := registry{}
	if err := errors.Join(d.Providers[0].Register(r), di.Value[sqldb.DB](r, fake{dialect: sqldb.SQLite})); err != nil {
		t.Fatal(err)
	}
	for _, key := range d.Exports {
		if _, ok := r[key]; !ok {
			t.Errorf("%v is exported and not registered", key)
		}
	}
	if _, err := di.Get[search.Engine](t.Context(), r); err != nil {
		t.Error(err)
	}
	if check, err := di.Get[health.Check](t.Context(), r, name); err != nil || check.Checker.CheckHealth(t.Context()).Status != health.Unhealthy {
		t.Errorf("%v, %v", check, err)
	}
	d.Config.(*Config).Weights = map[string]float64{"title": -1} // what decoding the section does
	if _, err := di.Get[search.Engine](t.Context(), r); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("a weight of -1: %v", err)
	}
}

func TestNoDatabase(t *testing.T) {
	if _, err := New(nil, Options{}); !errors.Is(err, search.Err) {
		t.Errorf("%v", err)
	}
}
