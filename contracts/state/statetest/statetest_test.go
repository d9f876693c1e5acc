package statetest

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/state"
)

// A model is the smallest store that keeps every rule. With the name of a rule
// in breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu      sync.Mutex
	entries map[string]entry
	timers  map[string]time.Time // of deleted entries
	breaks  string
}

type entry struct {
	value []byte
	end   time.Time // zero if it is permanent
}

var (
	_ state.Expirer = (*model)(nil)
	_ state.Swapper = (*model)(nil)
	_ state.Batcher = (*model)(nil)
)

func newModel(breaks string) *model {
	return &model{entries: map[string]entry{}, timers: map[string]time.Time{}, breaks: breaks}
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context, key string) error {
	if err := state.CheckKey(key); err != nil && !m.is("invalid keys") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

func (m *model) beginTTL(ctx context.Context, key string, ttl time.Duration) error {
	if err := state.CheckTTL(ttl); err != nil && !m.is("invalid ttl") {
		return err
	}
	return m.begin(ctx, key)
}

func (m *model) beginAll(ctx context.Context, keys iter.Seq[string]) error {
	for k := range keys {
		if err := state.CheckKey(k); err != nil && !m.is("invalid keys") {
			return err
		}
	}
	return m.begin(ctx, "k")
}

func (m *model) id(key string) string {
	if m.is("any bytes") {
		return strings.TrimSpace(key)
	}
	return key
}

// live returns the entry under key; its caller holds the mutex.
func (m *model) live(key string) (entry, bool) {
	e, ok := m.entries[m.id(key)]
	now := time.Now()
	if m.is("no early expiry") {
		now = now.Add(time.Second)
	}
	return e, ok && (e.end.IsZero() || now.Before(e.end))
}

func (m *model) end(ttl time.Duration) time.Time {
	switch {
	case ttl == 0:
		return time.Time{}
	case m.is("a very long ttl") && ttl > 1<<62:
		return time.Unix(0, time.Now().UnixNano()+int64(ttl)) // overflows
	}
	return time.Now().Add(ttl)
}

func (m *model) Get(ctx context.Context, key string) ([]byte, error) {
	if err := m.begin(ctx, key); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.get(key)
}

func (m *model) get(key string) ([]byte, error) {
	e, ok := m.live(key)
	switch {
	case m.is("not found") && !ok:
		return nil, nil
	case !ok, m.is("an empty value") && len(e.value) == 0:
		return nil, state.ErrNotFound
	case m.is("a large value"):
		e.value = e.value[:min(len(e.value), 1<<19)]
	case m.is("value is copied out"):
		return e.value, nil
	}
	return append([]byte{}, e.value...), nil
}

func (m *model) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := m.beginTTL(ctx, key, ttl); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(key, value, ttl)
	return nil
}

func (m *model) set(key string, value []byte, ttl time.Duration) {
	old, ok := m.live(key)
	e := entry{value, m.end(ttl)}
	switch {
	case m.is("overwrite") && ok:
		return
	case m.is("nothing is forgotten") && len(m.entries) >= 1_000:
		for k := range m.entries {
			delete(m.entries, k)
			break
		}
	case m.is("permanent") && ttl == 0 && !ok:
		e.end = m.timers[key] // what was to end the one before
	case m.is("set resets the ttl") && ok:
		e.end = old.end
	}
	if !m.is("value is copied in") {
		e.value = bytes.Clone(value)
	}
	m.entries[m.id(key)] = e
}

func (m *model) Delete(ctx context.Context, key string) (bool, error) {
	if err := m.begin(ctx, key); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	for k := range m.entries {
		if m.is("delete") && strings.HasPrefix(k, key) || m.is("concurrent use") {
			delete(m.entries, k)
		}
	}
	if m.is("expiry") {
		_, ok = m.entries[key]
	}
	m.timers[key] = e.end
	delete(m.entries, m.id(key))
	return ok || m.is("one deletes"), nil
}

func (m *model) TTL(ctx context.Context, key string) (time.Duration, error) {
	if err := m.begin(ctx, key); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	switch {
	case m.is("ttl") && !ok:
		return -2, nil
	case !ok:
		return 0, state.ErrNotFound
	case e.end.IsZero():
		return state.Permanent, nil
	}
	return time.Until(e.end), nil
}

func (m *model) Expire(ctx context.Context, key string, ttl time.Duration) error {
	if err := m.beginTTL(ctx, key, ttl); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	switch {
	case !ok && m.is("expire what is absent"):
		return nil
	case !ok:
		return state.ErrNotFound
	}
	if e.end = m.end(ttl); m.is("expire") {
		e.value = nil
	}
	m.entries[m.id(key)] = e
	return nil
}

// compare runs do if the value under key is old.
func (m *model) compare(key string, old []byte, do func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	if m.is("swap what has changed") {
		ok = true // an absent one is taken for an empty one
	}
	same := bytes.Equal(e.value, old)
	if m.is("swap") && len(old) == 0 {
		same = false
	}
	if m.is("swaps are one step") {
		m.mu.Unlock()
		time.Sleep(time.Microsecond)
		m.mu.Lock()
	}
	if !ok || !same {
		return state.ErrChanged.Wrap(nil, "model")
	}
	do()
	return nil
}

func (m *model) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := m.beginTTL(ctx, key, ttl); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.live(key); ok && !m.is("create") {
		return state.ErrChanged.Wrap(nil, "model")
	}
	m.set(key, value, ttl)
	return nil
}

func (m *model) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := m.beginTTL(ctx, key, ttl); err != nil {
		return err
	}
	return m.compare(key, old, func() { m.set(key, value, ttl) })
}

func (m *model) Remove(ctx context.Context, key string, old []byte) error {
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	if m.is("remove") {
		_, err := m.Delete(ctx, key)
		return err
	}
	return m.compare(key, old, func() { delete(m.entries, m.id(key)) })
}

func (m *model) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	found := map[string][]byte{}
	if len(keys) > 1_000 && m.is("very many") {
		keys = keys[:1_000]
	}
	if err := m.beginAll(ctx, slices.Values(keys)); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		if v, err := m.get(k); err == nil || m.is("get many") {
			found[k] = v
		}
	}
	return found, nil
}

func (m *model) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	if err := m.beginTTL(ctx, "k", ttl); err != nil && len(entries) > 0 && errors.Is(err, state.ErrTTL) {
		return err
	}
	if err := m.beginAll(ctx, maps.Keys(entries)); err != nil {
		return err
	}
	if m.is("set many") {
		ttl = 0
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, v := range entries {
		m.set(k, v, ttl)
	}
	return nil
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) state.Store { return newModel("") }, Tick(20*time.Millisecond))
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

// single is a store without the optional abilities.
type single struct{ state.Store }

func TestOptionalRulesAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range rules() {
			if err := r.check(t.Context(), single{newModel("")}, time.Second); r.optional != errors.Is(err, errors.ErrUnsupported) || !r.optional && err != nil {
				t.Errorf("rule %q on a store without the ability: %v", r.name, err)
			}
		}
	})
}
