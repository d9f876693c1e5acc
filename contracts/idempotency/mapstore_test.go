package idempotency_test

import (
	"context"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// A mapStore is the least that a test needs of a store; fail, if set, comes before each method.
type mapStore struct {
	mu      sync.Mutex
	records map[string]idempotency.Record
	tokens  map[string]string
	fail    func(method string) error
}

func newMapStore() *mapStore {
	return &mapStore{records: map[string]idempotency.Record{}, tokens: map[string]string{}, fail: func(string) error { return nil }}
}

// owned returns the live record of c's key, and whether it is c's; its caller holds the mutex.
func (m *mapStore) owned(c idempotency.Claim) (r idempotency.Record, own, live bool) {
	r = m.records[c.Key]
	live = time.Now().Before(r.ExpiresAt)
	return r, live && m.tokens[c.Key] == c.Token, live
}

func (m *mapStore) Acquire(ctx context.Context, c idempotency.Claim, ttl time.Duration) (idempotency.Record, bool, error) {
	if err := m.fail("acquire"); err != nil {
		return idempotency.Record{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, own, live := m.owned(c)
	if live && (!own || r.Status == idempotency.Complete) {
		return r, own, context.Cause(ctx)
	}
	if !live {
		r = idempotency.Record{Key: c.Key, Fingerprint: c.Fingerprint, CreatedAt: time.Now()}
	}
	r.ExpiresAt = time.Now().Add(ttl)
	m.records[c.Key], m.tokens[c.Key] = r, c.Token
	return r, true, context.Cause(ctx)
}

func (m *mapStore) Complete(ctx context.Context, c idempotency.Claim, result []byte, ttl time.Duration) error {
	if err := m.fail("complete"); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch r, own, _ := m.owned(c); {
	case !own:
		return idempotency.ErrLost.Wrap(nil, "map: complete %q", c.Key)
	case r.Status == idempotency.Pending:
		r.Status, r.Result, r.ExpiresAt = idempotency.Complete, result, time.Now().Add(ttl)
		m.records[c.Key] = r
	}
	return nil
}

func (m *mapStore) Release(_ context.Context, c idempotency.Claim) error {
	if err := m.fail("release"); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, own, _ := m.owned(c); own && r.Status == idempotency.Pending {
		delete(m.records, c.Key)
	}
	return nil
}

func (m *mapStore) has(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.records[key]
	return ok
}
