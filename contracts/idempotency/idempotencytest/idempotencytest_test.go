package idempotencytest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/idempotency"
)

// A model is the smallest store that keeps every rule. With the name of a rule
// in breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu      sync.Mutex
	records map[string]record
	breaks  string
}

type record struct {
	idempotency.Record
	token string
}

var _ idempotency.Reader = (*model)(nil)

func newModel(breaks string) *model { return &model{records: map[string]record{}, breaks: breaks} }

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context, c idempotency.Claim, ttl time.Duration) error {
	if err := idempotency.CheckClaim(c); err != nil && !m.is("invalid claims") {
		return err
	}
	if err := idempotency.CheckTTL(ttl); err != nil && !m.is("invalid ttl") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

func (m *model) id(key string) string {
	if m.is("any bytes") {
		return strings.TrimSpace(key)
	}
	return key
}

// live returns the record of key, if there is one; its caller holds the mutex.
func (m *model) live(key string) (record, bool) {
	r, ok := m.records[m.id(key)]
	now := time.Now()
	switch {
	case m.is("no early expiry"):
		now = now.Add(time.Second)
	case m.is("claims expire") && r.Status == idempotency.Pending:
		return r, ok
	}
	return r, ok && now.Before(r.ExpiresAt)
}

func (m *model) end(ttl time.Duration) time.Time {
	if m.is("a very long ttl") && ttl > 1<<62 {
		return time.Unix(0, time.Now().UnixNano()+int64(ttl)) // overflows
	}
	return time.Now().Add(ttl)
}

func (m *model) copied(r record) idempotency.Record {
	if !m.is("results are bytes") {
		r.Result = bytes.Clone(r.Result)
	}
	return r.Record
}

func (m *model) Acquire(ctx context.Context, c idempotency.Claim, ttl time.Duration) (idempotency.Record, bool, error) {
	if err := m.begin(ctx, c, ttl); err != nil {
		return idempotency.Record{}, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.live(c.Key)
	if m.is("one winner") || m.is("once") && !ok {
		m.mu.Unlock() // checked here, set there
		time.Sleep(time.Microsecond)
		m.mu.Lock()
	}
	if ok && r.token == c.Token && m.is("the claim again after complete") {
		r.ExpiresAt = m.end(ttl)
		m.records[m.id(c.Key)] = r
	}
	if ok && (r.token != c.Token || r.Status == idempotency.Complete || m.is("the claim again")) && !m.is("acquire") {
		return m.copied(r), r.token == c.Token, nil
	}
	if !ok {
		r = record{token: c.Token, Record: idempotency.Record{Key: c.Key, Fingerprint: c.Fingerprint, CreatedAt: time.Now()}}
	}
	r.ExpiresAt = m.end(ttl)
	m.records[m.id(c.Key)] = r
	return m.copied(r), true, nil
}

func (m *model) Complete(ctx context.Context, c idempotency.Claim, result []byte, ttl time.Duration) error {
	if err := m.begin(ctx, c, ttl); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.live(c.Key)
	if m.is("complete what is not held") {
		r, ok = m.records[m.id(c.Key)]
	}
	switch {
	case !ok, r.token != c.Token && !m.is("complete another's"):
		return idempotency.ErrLost.Wrap(nil, "model: complete")
	case r.Status == idempotency.Complete && !m.is("complete twice"):
		return nil
	}
	r.Status, r.Result = idempotency.Complete, bytes.Clone(result)
	if m.is("results are bytes") {
		r.Result = result
	}
	if !m.is("results expire") && !m.is("complete") {
		r.ExpiresAt = m.end(ttl)
	}
	m.records[m.id(c.Key)] = r
	return nil
}

func (m *model) Release(ctx context.Context, c idempotency.Claim) error {
	if err := m.begin(ctx, c, time.Hour); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.live(c.Key)
	switch {
	case m.is("release what has ended") && !ok:
		return idempotency.ErrLost
	case m.is("release"):
		for k, r := range m.records {
			if r.token == c.Token {
				delete(m.records, k)
			}
		}
	case ok && r.token == c.Token && (r.Status == idempotency.Pending || m.is("release what is complete")):
		delete(m.records, m.id(c.Key))
	}
	return nil
}

func (m *model) Get(ctx context.Context, key string) (idempotency.Record, error) {
	if err := idempotency.CheckKey(key); err != nil {
		return idempotency.Record{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.live(key)
	switch {
	case !ok && m.is("get nothing"):
		return idempotency.Record{}, nil
	case !ok:
		return idempotency.Record{}, idempotency.ErrNotFound
	case m.is("get") && r.Status == idempotency.Pending: // as the original's does
		return idempotency.Record{}, idempotency.ErrNotFound
	}
	return m.copied(r), nil
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) idempotency.Store { return newModel("") }, Tick(20*time.Millisecond))
}

// TestBroken runs each rule on the model that breaks just it. A rule without
// one meets a model that breaks nothing, and fails here.
func TestBroken(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules() {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), newModel(""), time.Second); err != nil {
				t.Errorf("rule %q: the store that keeps it failed: %v", r.name, err)
			}
			err := r.check(t.Context(), newModel(r.name), time.Second)
			if err == nil {
				t.Errorf("rule %q: the store that breaks it passed", r.name)
			}
			t.Logf("%s: %.200v", r.name, err)
		})
	}
}

// single is a store without the optional ability.
type single struct{ idempotency.Store }

func TestOptionalRulesAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range rules() {
			if err := r.check(t.Context(), single{newModel("")}, time.Second); r.optional != errors.Is(err, errors.ErrUnsupported) || !r.optional && err != nil {
				t.Errorf("rule %q on a store without the ability: %v", r.name, err)
			}
		}
	})
}
