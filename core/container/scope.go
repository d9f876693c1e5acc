package container

import (
	"context"
	"reflect"

	"github.com/lexigram/lexigram-go/contracts/di"
)

var (
	_ di.Scope     = (*Scope)(nil)
	_ di.Collector = (*Scope)(nil)
)

// A Scope holds the scoped values of one unit of work. Everything that a scoped
// service needs is resolved through its scope, and singletons are the
// container's. It is safe for concurrent use; a value is built once.
type Scope struct {
	c     *Container
	own   owner
	slots map[*entry]*slot // guarded by own.mu
}

// NewScope returns an open scope, which the caller closes. Of a container that
// is not frozen, or closed, it resolves nothing.
func (c *Container) NewScope() di.Scope { return &Scope{c: c} }

// Resolve returns the scope's value for key; it sees what the container sees
// and fails as [Container.Resolve] does. After Close it is [di.ErrClosed].
func (s *Scope) Resolve(ctx context.Context, key di.Key) (any, error) {
	g, err := s.live(key)
	if err != nil {
		return nil, err
	}
	e, ok := g.global[key]
	if !ok {
		return nil, g.unknown(s.c.root, key)
	}
	return s.c.value(ctx, e, s)
}

// Collect returns every value of typ that the application may see, by name.
func (s *Scope) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	g, err := s.live(di.Key{Type: typ, Name: "*"})
	if err != nil {
		return nil, err
	}
	return s.c.values(ctx, g.collect(s.c.root, typ), s)
}

// Close releases the values that the scope built, newest first; it is
// otherwise as [Container.Close].
func (s *Scope) Close(ctx context.Context) error {
	return s.own.close(ctx, func(r Release) error { return r.Do(ctx) })
}

func (s *Scope) live(key di.Key) (*graph, error) {
	g := s.c.live.Load()
	if g == nil {
		return nil, s.c.unusable(key)
	}
	s.own.mu.Lock()
	defer s.own.mu.Unlock()
	if s.own.closing {
		return nil, di.ErrClosed.Wrap(nil, "di: resolve %v in a scope", key)
	}
	return g, nil
}

// value returns the scope's own value for e.
func (s *Scope) value(ctx context.Context, e *entry) (any, error) {
	s.own.mu.Lock()
	sl := s.slots[e]
	if sl == nil {
		if s.slots == nil {
			s.slots = make(map[*entry]*slot)
		}
		sl = new(slot)
		s.slots[e] = sl
	}
	s.own.mu.Unlock()
	return s.own.get(ctx, sl, e, s)
}
