package loading_test

import (
	"context"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// mapStore is a cache.Store whose calls can be failed or held up.
type mapStore struct {
	mu      sync.Mutex
	entries map[string][]byte
	ttls    map[string]time.Duration
	before  func(op, key string) error // nil does nothing
}

func newStore() *mapStore {
	return &mapStore{entries: map[string][]byte{}, ttls: map[string]time.Duration{}}
}

func (s *mapStore) hook(ctx context.Context, op, key string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.before != nil {
		return s.before(op, key)
	}
	return nil
}

func (s *mapStore) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.hook(ctx, "get", key); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.entries[key]
	if !ok {
		return nil, cache.ErrMiss
	}
	return v, nil
}

func (s *mapStore) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.hook(ctx, "set", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[key], s.ttls[key] = value, ttl
	return nil
}

func (s *mapStore) Delete(ctx context.Context, key string) error {
	if err := s.hook(ctx, "delete", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, key)
	return nil
}
