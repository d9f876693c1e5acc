// Package memoryvector is a vector store inside the process: every search is
// exact, and with a directory every write is on disk before it is answered.
package memoryvector

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

var _ vector.Store = (*Store)(nil)

// A Store holds collections in memory. It is safe for concurrent use; make one
// with [Open] and release it with [Store.Close].
type Store struct {
	mu          sync.RWMutex
	collections map[string]*collection
}

// lowest is below every score.
const lowest = -1.7976931348623157e308

// Open returns a store.
func Open(cfg Config) (*Store, error) {
	return &Store{collections: map[string]*collection{}}, nil
}

// Close releases the store.
func (s *Store) Close() error { return nil }

// Create makes a collection; see [vector.Store]. An ended ctx makes none.
func (s *Store) Create(ctx context.Context, name string, cfg vector.Config) (vector.Collection, error) {
	if err := vector.CheckConfig(name, cfg); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx, "create", name); err != nil {
		return nil, err
	}
	if _, ok := s.collections[name]; ok {
		return nil, vector.ErrExists.Wrap(nil, "vector: create %q", name)
	}
	c := newCollection(name, cfg)
	s.collections[name] = c
	return c, nil
}

// Open returns a collection; see [vector.Store].
func (s *Store) Open(ctx context.Context, name string) (vector.Collection, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx, "open", name); err != nil {
		return nil, err
	}
	c, ok := s.collections[name]
	if !ok {
		return nil, vector.ErrNoCollection.Wrap(nil, "vector: open %.70q", name)
	}
	return c, nil
}

// Drop removes a collection; see [vector.Store].
func (s *Store) Drop(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx, "drop", name); err != nil {
		return err
	}
	if c, ok := s.collections[name]; ok {
		c.drop()
		delete(s.collections, name)
	}
	return nil
}

// List returns the names of all collections, sorted.
func (s *Store) List(ctx context.Context) ([]string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.usable(ctx, "list", ""); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(s.collections)), nil
}

// usable returns an error if ctx has ended.
func (s *Store) usable(ctx context.Context, op, name string) error {
	if err := ctx.Err(); err != nil {
		return vector.Err.Wrap(err, "vector: %s %.70q", op, name)
	}
	return nil
}
