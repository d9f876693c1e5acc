package container

import (
	"context"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var (
	_ di.Scope     = (*Scope)(nil)
	_ di.Finder    = (*Scope)(nil)
	_ di.Collector = (*Scope)(nil)
)

// A Scope holds the scoped values of one unit of work. Everything that a scoped
// service needs is resolved through its scope, and singletons are the
// container's. It is safe for concurrent use; a value is built once.
type Scope struct {
	c     *Container
	own   owner
	slots []slot // by entry.place
	blind bool   // opened when the container was not frozen
}

// NewScope returns an open scope, which the caller closes. Of a container that
// is not frozen, or closed, it resolves nothing.
func (c *Container) NewScope() di.Scope {
	s := &Scope{}
	s.open(c)
	return s
}

func (s *Scope) open(c *Container) {
	s.c = c
	g := c.live.Load()
	if s.blind = g == nil; !s.blind && g.places > 0 {
		s.slots = make([]slot, g.places)
	}
}

// Resolve returns the scope's value for key; it sees what the container sees
// and fails as [Container.Resolve] does. After Close it is [di.ErrClosed].
func (s *Scope) Resolve(ctx context.Context, key di.Key) (any, error) {
	g, err := s.live(key)
	if err != nil {
		return nil, err
	}
	e := g.find(key)
	if e == nil {
		return nil, g.unknown(s.c.root, key)
	}
	return e.value(ctx, s)
}

// Has reports whether there is a service that the scope may resolve.
func (s *Scope) Has(key di.Key) (bool, error) {
	g, err := s.live(key)
	if err != nil {
		return false, err
	}
	return g.has(s.c.root, key)
}

// Collect returns every value of typ that the application may see, by name.
func (s *Scope) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	g, err := s.live(di.Key{Type: typ, Name: "*"})
	if err != nil {
		return nil, err
	}
	return values(ctx, g.collect(s.c.root, typ), s)
}

// Close releases the values that the scope built, newest first; it is
// otherwise as [Container.Close].
func (s *Scope) Close(ctx context.Context) error {
	return s.own.close(ctx, 0, nil, func(r Release) error { return r.Do(ctx) })
}

func (s *Scope) live(key di.Key) (*graph, error) {
	g := s.c.live.Load()
	if g == nil {
		return nil, s.c.unusable(key)
	}
	switch {
	case s.own.closing.Load():
		return nil, di.ErrClosed.Wrap(nil, "di: resolve %v in a scope", key)
	case s.blind:
		return nil, di.ErrNotFrozen.Wrap(nil, "di: resolve %v in a scope that was opened before", key)
	}
	return g, nil
}

// value returns the scope's own value for e.
func (s *Scope) value(ctx context.Context, e *entry) (any, error) {
	return s.own.get(ctx, &s.slots[e.place], e, s)
}
