package memorysearch

import (
	"context"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/search"
)

// registry is the least of a container: it builds each service once.
type registry struct {
	regs  map[di.Key]di.Registration
	built map[di.Key]any
}

func (r *registry) Register(reg di.Registration) error {
	r.regs[reg.Key] = reg
	return nil
}

func (r *registry) Resolve(ctx context.Context, key di.Key) (any, error) {
	if v, ok := r.built[key]; ok {
		return v, nil
	}
	reg, ok := r.regs[key]
	if !ok {
		return nil, di.ErrMissing
	}
	v, err := reg.Build(ctx, r)
	if err == nil {
		r.built[key] = v
	}
	return v, err
}

func TestModule(t *testing.T) {
	d := Module(Config{Dir: "unused"})
	d.Config.(*Config).Dir = t.TempDir() // what decoding the section does
	r := &registry{map[di.Key]di.Registration{}, map[di.Key]any{}}
	for _, p := range d.Providers {
		if err := p.Register(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range d.Exports {
		if _, ok := r.regs[key]; !ok {
			t.Errorf("%v is exported and not registered", key)
		}
	}
	engine := must[search.Engine](t)(di.Get[search.Engine](t.Context(), r))
	if err := engine.Index(t.Context(), "c", search.Document{ID: "a"}); err != nil {
		t.Fatal(err)
	}
	check := must[health.Check](t)(di.Get[health.Check](t.Context(), r, "memorysearch"))
	if got := check.Checker.CheckHealth(t.Context()); check.Name != "memorysearch" || got.Status != health.Healthy {
		t.Errorf("%q: %+v", check.Name, got)
	}
	own := di.KeyOf[*Engine]()
	if slices.Contains(d.Exports, own) {
		t.Errorf("%v is exported", own)
	}
	if err := r.regs[own].Close(t.Context(), r.built[own]); err != nil {
		t.Fatal(err)
	}
	if got := check.Checker.CheckHealth(t.Context()); got.Status != health.Unhealthy {
		t.Errorf("after Close: %+v", got)
	}
}
