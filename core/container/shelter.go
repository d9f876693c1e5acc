package container

import (
	"context"
	"sync/atomic"
)

// A Shelter is a context of work that somebody watches over, as an application
// does over its hooks: when it takes too long, they go on without it. What is
// built for such work is built in its own goroutine, which is cheaper, and means
// that Resolve returns no earlier than a Build that ignores the end of its ctx.
type Shelter struct {
	context.Context
	over atomic.Bool
}

// NewShelter returns ctx for work that is watched over until [Shelter.End].
func NewShelter(ctx context.Context) *Shelter { return &Shelter{Context: ctx} }

// End is called when nobody watches any more: contexts that are derived from
// the shelter may live on.
func (s *Shelter) End() { s.over.Store(true) }

type shelterKey struct{}

// Value returns what the context has under key.
func (s *Shelter) Value(key any) any {
	switch key {
	case shelterKey{}:
		return s
	case buildKey{}:
		return nil // it is no Build that waits here
	default:
		return s.Context.Value(key)
	}
}

// watched reports whether ctx is of a shelter.
func watched(ctx context.Context) bool {
	s, ok := ctx.Value(shelterKey{}).(*Shelter)
	return ok && !s.over.Load()
}
