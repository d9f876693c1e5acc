// Package mapstore is the least store of state that tests need.
package mapstore

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// A Store is a [state.Swapper] in memory that keeps no ttl.
type Store struct {
	mu      sync.Mutex
	entries map[string][]byte
}

var _ state.Swapper = (*Store)(nil)

func New() *Store { return &Store{entries: map[string][]byte{}} }

func (m *Store) Get(ctx context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.entries[key]; ok {
		return bytes.Clone(v), context.Cause(ctx)
	}
	return nil, state.ErrNotFound
}

func (m *Store) write(ctx context.Context, key string, value []byte, allowed func(old []byte, ok bool) bool) error {
	if err := state.CheckKey(key); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.entries[key]; !allowed(old, ok) {
		return state.ErrChanged
	}
	if value == nil {
		delete(m.entries, key)
	} else {
		m.entries[key] = bytes.Clone(value)
	}
	return nil
}

func (m *Store) Set(ctx context.Context, key string, value []byte, _ time.Duration) error {
	return m.write(ctx, key, value, func([]byte, bool) bool { return true })
}

func (m *Store) Create(ctx context.Context, key string, value []byte, _ time.Duration) error {
	return m.write(ctx, key, value, func(_ []byte, ok bool) bool { return !ok })
}

func (m *Store) Swap(ctx context.Context, key string, old, value []byte, _ time.Duration) error {
	return m.write(ctx, key, value, func(is []byte, ok bool) bool { return ok && bytes.Equal(is, old) })
}

func (m *Store) Remove(ctx context.Context, key string, old []byte) error {
	return m.write(ctx, key, nil, func(is []byte, ok bool) bool { return ok && bytes.Equal(is, old) })
}

func (m *Store) Delete(ctx context.Context, key string) (existed bool, err error) {
	err = m.write(ctx, key, nil, func(_ []byte, ok bool) bool { existed = ok; return true })
	return existed, err
}
