package memorycache

import (
	"context"
	"errors"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cache"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
)

// shelf is as much of a container as one module needs.
type shelf struct {
	regs   map[di.Key]di.Registration
	values map[di.Key]any
}

func (s *shelf) Register(r di.Registration) error { s.regs[r.Key] = r; return nil }

func (s *shelf) Resolve(ctx context.Context, k di.Key) (any, error) {
	if v, ok := s.values[k]; ok {
		return v, nil
	}
	r, ok := s.regs[k]
	if !ok {
		return nil, errors.New("missing " + k.String())
	}
	v, err := r.Build(ctx, s)
	s.values[k] = v
	return v, err
}

func TestModule(t *testing.T) {
	d := Module(Config{MaxEntries: 10})
	cfg, ok := d.Config.(*Config)
	if !ok || d.Name != "memorycache" || cfg.MaxEntries != 10 {
		t.Fatalf("Module = %+v", d)
	}
	c := &shelf{map[di.Key]di.Registration{}, map[di.Key]any{}}
	for _, p := range d.Providers {
		if err := p.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	store, err := di.Get[cache.Store](t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	check, err := di.Get[health.Check](t.Context(), c, d.Name)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Set(t.Context(), "k", nil, 0); err != nil {
		t.Fatal(err)
	}
	if r := check.Checker.CheckHealth(t.Context()); r.Status != health.Healthy || r.Details["entries"] != "1" {
		t.Errorf("health of an open store = %+v", r)
	}
	for k, r := range c.regs {
		if r.Close != nil {
			if err := r.Close(t.Context(), c.values[k]); err != nil {
				t.Error(err)
			}
		}
	}
	if r := check.Checker.CheckHealth(t.Context()); r.Status != health.Unhealthy {
		t.Errorf("health of a closed store = %+v", r)
	}
}
