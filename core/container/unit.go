package container

import (
	"context"
	"reflect"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var (
	_ di.Scoper    = (*Unit)(nil)
	_ di.Scope     = (*unitScope)(nil)
	_ di.Finder    = (*unitScope)(nil)
	_ di.Collector = (*unitScope)(nil)
)

// A Unit is a kind of work that is done in a scope, such as a command of the
// application: what it needs is declared beforehand, so that Freeze checks it.
// Each scope that it opens resolves what was declared, scoped services
// included, and nothing else ([di.ErrUndeclared]). [di.Invoke] runs a function
// in one:
//
//	migrate := c.Unit("migrate", di.KeyOf[*Migrator]())
//	…
//	err := di.Invoke(ctx, migrate, func(ctx context.Context, r di.Resolver) error { … })
//
// It is safe for concurrent use. Before Freeze its scopes resolve nothing;
// declared after it, they never do.
type Unit struct{ of *Consumer }

// Unit declares work of the application itself. The name is for errors and the graph.
func (c *Container) Unit(name string, needs ...di.Key) *Unit {
	return &Unit{c.consumer(&Consumer{port: port{m: c.root, provider: name}, needs: slices.Clone(needs), unit: true})}
}

// Unit declares work that the provider does once it has booted.
func (p *Provider) Unit(needs ...di.Key) *Unit {
	return &Unit{p.m.c.consumer(&Consumer{port: port{m: p.m, provider: p.name}, needs: slices.Clone(needs), unit: true})}
}

// NewScope returns an open scope; the caller closes it.
func (u *Unit) NewScope() di.Scope {
	c := u.of.m.c
	s := &unitScope{needs: port{m: u.of.m, provider: u.of.provider}}
	s.needs.scope = &s.Scope
	if s.open(c); !s.blind { // else Freeze may be setting deps
		s.needs.deps = u.of.deps
	}
	return s
}

// A unitScope is a scope that resolves what its unit declared.
type unitScope struct {
	Scope
	needs port
}

func (s *unitScope) Resolve(ctx context.Context, key di.Key) (any, error) {
	if _, err := s.live(key); err != nil {
		return nil, err
	}
	return s.needs.Resolve(ctx, key)
}

func (s *unitScope) Has(key di.Key) (bool, error) {
	if _, err := s.live(key); err != nil {
		return false, err
	}
	return s.needs.Has(key)
}

func (s *unitScope) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	if _, err := s.live(di.Key{Type: typ, Name: "*"}); err != nil {
		return nil, err
	}
	return s.needs.Collect(ctx, typ)
}
