package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/postgres"
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

func TestModule(t *testing.T) {
	m := postgres.Module(postgres.Config{MaxConns: 3})
	cfg := m.Config.(*postgres.Config)
	if m.Name != "postgres" || cfg.MaxConns != 3 || cfg == postgres.Module(postgres.Config{}).Config {
		t.Errorf("%+v", m)
	}
	s := &services{regs: map[di.Key]di.Registration{}, values: map[di.Key]any{}}
	p := m.Providers[0]
	if err := p.Register(s); err != nil {
		t.Fatal(err)
	}
	for _, key := range m.Exports {
		if _, ok := s.regs[key]; !ok {
			t.Errorf("%v is exported and not registered", key)
		}
	}
	if p := p.(lifecycle.Prioritizer).Priority(); p != lifecycle.Critical {
		t.Errorf("priority %d", p)
	}
	// The section was decoded into Config after Module returned.
	cfg.URL = config.NewSecret("postgres://u:hunter2@127.0.0.1:1/db?sslmode=disable")
	err := p.(lifecycle.Booter).Boot(t.Context(), s)
	if !errors.Is(err, sqldb.ErrUnavailable) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("boot without a server: %v", err)
	}
}
