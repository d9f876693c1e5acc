//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/storage"
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
	dir := filepath.Join(t.TempDir(), "blobs")
	d := Module(Config{Dir: "default"})
	cfg, ok := d.Config.(*Config)
	if !ok || d.Name != "filestorage" || cfg.Dir != "default" {
		t.Fatalf("Module = %+v", d)
	}
	cfg.Dir = dir // as decoding the section does
	c := &shelf{map[di.Key]di.Registration{}, map[di.Key]any{}}
	for _, p := range d.Providers {
		if err := p.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range d.Exports {
		if _, ok := c.regs[k]; !ok {
			t.Errorf("%v is exported and not registered", k)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("Register made the directory")
	}
	store, err := di.Get[storage.Store](t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	put(t, store, "k", "v")
	check, err := di.Get[health.Check](t.Context(), c, d.Name)
	if err != nil {
		t.Fatal(err)
	}
	healthy := func(want health.Status) {
		t.Helper()
		if r := check.Checker.CheckHealth(t.Context()); r.Status != want {
			t.Errorf("health = %+v, want %v", r, want)
		}
	}
	healthy(health.Healthy)
	if err := os.Rename(dir, dir+".moved"); err != nil {
		t.Fatal(err)
	}
	healthy(health.Unhealthy)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	healthy(health.Unhealthy)
	for k, r := range c.regs {
		if r.Close != nil {
			if err := r.Close(t.Context(), c.values[k]); err != nil {
				t.Error(err)
			}
		}
	}
	healthy(health.Unhealthy)
}
