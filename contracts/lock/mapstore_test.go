package lock_test

import (
	"context"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// A mapStore is the least that a test needs of a store; its hooks, if set, come before the work.
type mapStore struct {
	mu     sync.Mutex
	leases map[string]held
	last   uint64

	acquire, extend, release func(context.Context) error
	after                    error // of Acquire, once it is done
}

type held struct {
	owner string
	fence uint64
	until time.Time
}

func newMapStore() *mapStore { return &mapStore{leases: map[string]held{}} }

func run(ctx context.Context, hook func(context.Context) error) error {
	if hook == nil {
		return context.Cause(ctx)
	}
	return hook(ctx)
}

func (m *mapStore) Acquire(ctx context.Context, name, owner string, ttl time.Duration) (uint64, error) {
	if err := run(ctx, m.acquire); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if h, ok := m.leases[name]; ok && time.Now().Before(h.until) {
		return 0, lock.ErrHeld.Wrap(nil, "map: acquire %q", name)
	}
	m.last++
	m.leases[name] = held{owner, m.last, time.Now().Add(ttl)}
	return m.last, m.after
}

func (m *mapStore) Extend(ctx context.Context, name, owner string, ttl time.Duration) error {
	if err := run(ctx, m.extend); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.leases[name]
	if !ok || h.owner != owner || !time.Now().Before(h.until) {
		return lock.ErrLost.Wrap(nil, "map: extend %q", name)
	}
	m.leases[name] = held{owner, h.fence, time.Now().Add(ttl)}
	return nil
}

func (m *mapStore) Release(ctx context.Context, name, owner string) error {
	if err := run(ctx, m.release); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leases[name].owner == owner {
		delete(m.leases, name)
	}
	return nil
}

func (m *mapStore) owner(name string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.leases[name].owner
}
