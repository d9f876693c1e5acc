package sqlite_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// services is as much of a container as the module needs.
type services struct {
	regs   map[di.Key]di.Registration
	values map[di.Key]any
}

func (s *services) Register(r di.Registration) error {
	s.regs[r.Key] = r
	return nil
}

func (s *services) Resolve(ctx context.Context, key di.Key) (any, error) {
	if v, ok := s.values[key]; ok {
		return v, nil
	}
	v, err := s.regs[key].Build(ctx, s)
	if err == nil {
		s.values[key] = v
	}
	return v, err
}

func boot(t *testing.T, change func(*sqlite.Config)) (*services, error) {
	t.Helper()
	m := sqlite.Module(sqlite.Config{Synchronous: "normal"})
	change(m.Config.(*sqlite.Config))
	s := &services{regs: map[di.Key]di.Registration{}, values: map[di.Key]any{}}
	for _, p := range m.Providers {
		if err := p.Register(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range m.Exports {
		if _, ok := s.regs[key]; !ok {
			t.Errorf("%v is exported and not registered", key)
		}
	}
	if p := m.Providers[0].(lifecycle.Prioritizer).Priority(); p != lifecycle.Critical {
		t.Errorf("priority %d", p)
	}
	return s, m.Providers[0].(lifecycle.Booter).Boot(t.Context(), s)
}

func TestModule(t *testing.T) {
	s, err := boot(t, func(c *sqlite.Config) { c.Path = filepath.Join(t.TempDir(), "a.db") })
	if err != nil {
		t.Fatal(err)
	}
	db, err := di.Get[sqldb.DB](t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	check, err := di.Get[health.Check](t.Context(), s, "sqlite")
	if err != nil || check.Name != "sqlite" || check.Checker.CheckHealth(t.Context()).Status != health.Healthy {
		t.Errorf("%+v, %v", check, err)
	}
	for key, reg := range s.regs {
		if reg.Close != nil {
			if err := reg.Close(t.Context(), s.values[key]); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := db.Exec(t.Context(), "DELETE FROM t"); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after the container closed: %v", err)
	}
}

func TestModuleFailsTheBoot(t *testing.T) {
	for _, path := range []string{"", filepath.Join(t.TempDir(), "no", "a.db")} {
		if _, err := boot(t, func(c *sqlite.Config) { c.Path = path }); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", path, err)
		}
	}
}
