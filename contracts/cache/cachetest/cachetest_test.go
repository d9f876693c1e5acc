package cachetest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
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
	value   []byte
	expires time.Time
}

var _ cache.Batcher = (*model)(nil)

func newModel(breaks string) *model {
	return &model{entries: map[string]entry{}, timers: map[string]time.Time{}, breaks: breaks}
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context, key string) error {
	if err := cache.CheckKey(key); err != nil && !m.is("invalid keys") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

// id is the key as it is stored.
func (m *model) id(key string) string {
	if m.is("any bytes") {
		return strings.TrimSpace(key)
	}
	return key
}

func (m *model) Get(ctx context.Context, key string) ([]byte, error) {
	if err := m.begin(ctx, key); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[m.id(key)]
	expired := !e.expires.IsZero() && !time.Now().Before(e.expires)
	switch {
	case m.is("no early expiry") && !e.expires.IsZero():
		expired = !time.Now().Add(time.Second).Before(e.expires)
	case m.is("expiry"):
		expired = false
	case m.is("reading does not extend") && ok && !expired:
		m.entries[m.id(key)] = entry{e.value, time.Now().Add(2 * time.Second)}
	case m.is("miss") && !ok:
		return nil, nil
	case m.is("an empty value") && len(e.value) == 0:
		ok = false
	case m.is("a large value"):
		e.value = e.value[:min(len(e.value), 1<<19)]
	case m.is("value is copied out"):
		return e.value, nil
	}
	if !ok || expired {
		return nil, cache.ErrMiss
	}
	return append([]byte{}, e.value...), nil
}

func (m *model) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil && !m.is("invalid ttl") {
		return err
	}
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.entries[m.id(key)]
	switch {
	case m.is("overwrite") && ok:
		return nil
	case !m.is("value is copied in"):
		value = bytes.Clone(value)
	}
	e := entry{value: value}
	switch {
	case m.is("delete forgets the ttl") && !ok:
		e.expires = m.timers[key]
		if ttl != 0 {
			e.expires = time.Now().Add(ttl)
		}
	case m.is("no ttl keeps") && ttl == 0, m.is("set resets the ttl") && ok && ttl != 0:
		e.expires = old.expires
	case m.is("a very long ttl") && ttl > 1<<62:
		e.expires = time.Unix(0, time.Now().UnixNano()+int64(ttl)) // overflows
	case ttl != 0:
		e.expires = time.Now().Add(ttl)
	}
	m.entries[m.id(key)] = e
	return nil
}

func (m *model) Delete(ctx context.Context, key string) error {
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.entries[key]; !ok && m.is("delete absent") {
		return errors.New("no entry")
	}
	for k := range m.entries {
		if m.is("delete") && strings.HasPrefix(k, key) || m.is("concurrent use") {
			delete(m.entries, k)
		}
	}
	m.timers[key] = m.entries[m.id(key)].expires
	delete(m.entries, m.id(key))
	return nil
}

func (m *model) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	found := map[string][]byte{}
	if m.is("get many of very many") {
		keys = keys[:min(len(keys), 1_000)] // the rest is a second page
	}
	for _, k := range keys {
		v, err := m.Get(ctx, k)
		switch {
		case errors.Is(err, cache.ErrMiss) && m.is("get many"):
			found[k] = nil
		case errors.Is(err, cache.ErrMiss), err != nil && m.is("get many of an invalid key"):
		case err != nil:
			return nil, err
		case m.is("get many copies"):
			found[k] = m.entries[k].value
		default:
			found[k] = v
		}
	}
	return found, nil
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) cache.Store { return newModel("") }, Tick(20*time.Millisecond))
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
type single struct{ cache.Store }

func TestOptionalRulesAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range batchRules {
			if err := r.check(t.Context(), single{newModel("")}, time.Second); !r.optional || !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("rule %q on a store without GetMany: %v", r.name, err)
			}
		}
	})
}

func TestSingle(t *testing.T) {
	Run(t, func(*testing.T) cache.Store { return single{newModel("")} }, Tick(20*time.Millisecond))
}

// A localModel is to cache.Local what model is to cache.Store.
type localModel struct {
	mu     sync.Mutex
	values map[string]localEntry
	breaks string
}

type localEntry struct {
	value   any
	expires time.Time
}

func newLocal(breaks string) *localModel {
	return &localModel{values: map[string]localEntry{}, breaks: breaks}
}

func (l *localModel) Get(key string) (any, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.values[key]
	if !e.expires.IsZero() && !time.Now().Before(e.expires) && l.breaks != "local expiry" {
		return nil, false
	}
	return e.value, ok
}

func (l *localModel) Set(key string, value any, ttl time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := localEntry{value: value}
	switch {
	case ttl > 0:
		e.expires = time.Now().Add(ttl)
	case ttl < 0 && l.breaks != "local negative ttl":
		delete(l.values, key)
		return
	}
	l.values[key] = e
}

func (l *localModel) Delete(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.breaks {
	case "get, set and delete":
	case "local concurrent use":
		clear(l.values)
	default:
		delete(l.values, key)
	}
}

func TestLocalGood(t *testing.T) {
	RunLocal(t, func(*testing.T) cache.Local { return newLocal("") }, Tick(20*time.Millisecond))
}

func TestLocalBroken(t *testing.T) {
	for _, r := range localRules {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(newLocal(r.name), time.Second); err == nil {
				t.Errorf("rule %q: the Local that breaks it passed", r.name)
			}
		})
	}
}
