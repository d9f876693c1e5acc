// Package memoryvector is a vector store inside the process: every search is
// exact, and with a directory every write is on disk before it is answered.
//
//	store, err := memoryvector.Open(memoryvector.Config{Dir: "data/vectors"})
//	if err != nil {
//		return err
//	}
//	defer store.Close()
package memoryvector

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/vector"
	"github.com/lexigram/lexigram-go/lexigram-vector/internal/journal"
)

var _ vector.Store = (*Store)(nil)

// A Store holds collections in memory, and their journals on disk if it has a
// directory. It is safe for concurrent use; make one with [Open] and release it
// with [Store.Close].
type Store struct {
	dir    *journal.Dir // nil if nothing is kept on disk
	closed atomic.Bool

	mu          sync.RWMutex
	collections map[string]*collection
}

// Open returns a store with the collections that cfg.Dir holds. A call that was
// interrupted when the process died is taken back whole. A directory that
// another store has open, and a file that is damaged elsewhere than at its end,
// are errors wrapping [vector.Err] that name it.
func Open(cfg Config) (*Store, error) {
	s := &Store{collections: map[string]*collection{}}
	if cfg.Dir == "" {
		return s, nil
	}
	var err error
	if s.dir, err = journal.OpenDir(cfg.Dir, cfg.NoSync); err != nil {
		return nil, vector.Err.Wrap(err, "vector: open store")
	}
	if err := s.load(); err != nil {
		if also := s.Close(); also != nil {
			err = fmt.Errorf("%w; then %w", err, also)
		}
		return nil, vector.Err.Wrap(err, "vector: open store")
	}
	return s, nil
}

func (s *Store) load() error {
	names, err := s.dir.Names(suffix)
	if err != nil {
		return err
	}
	for _, name := range names {
		c, err := load(s.dir, name, &s.closed)
		if err != nil {
			return err
		}
		s.collections[name] = c
	}
	return nil
}

// Close waits for writes that have begun and releases the directory; searches
// that have begun end undisturbed. It is idempotent. Whatever is called
// afterwards, on the store or a collection, is [vector.ErrClosed].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Swap(true) {
		return nil
	}
	var errs []error
	for _, c := range s.collections {
		errs = append(errs, c.drop())
	}
	clear(s.collections)
	if s.dir != nil {
		errs = append(errs, s.dir.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return vector.Err.Wrap(err, "vector: close store")
	}
	return nil
}

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
	c := newCollection(name, cfg, &s.closed)
	if s.dir != nil {
		var err error
		if c.log, err = s.dir.CreateLog(name+suffix, kind, configRecord(cfg)); err != nil {
			return nil, vector.Err.Wrap(err, "vector: create %q", name)
		}
	}
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

// Drop removes a collection and its journal; see [vector.Store]. After an error
// it may be there or not, and repeating the call is safe.
func (s *Store) Drop(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(ctx, "drop", name); err != nil {
		return err
	}
	c, ok := s.collections[name]
	if !ok {
		return nil
	}
	if s.dir != nil {
		if err := s.dir.Remove(name + suffix); err != nil {
			return vector.Err.Wrap(err, "vector: drop %q", name)
		}
	}
	delete(s.collections, name)
	if err := c.drop(); err != nil {
		return vector.Err.Wrap(err, "vector: drop %q", name)
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

// usable returns an error if the store is closed or ctx has ended.
func (s *Store) usable(ctx context.Context, op, name string) error {
	switch {
	case s.closed.Load():
		return vector.ErrClosed.Wrap(nil, "vector: %s %.70q", op, name)
	case ctx.Err() != nil:
		return vector.Err.Wrap(context.Cause(ctx), "vector: %s %.70q", op, name)
	}
	return nil
}
