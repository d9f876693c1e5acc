package cachetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	reads   [2]int64             // misses and hits
	watches map[*watcher]bool
	breaks  string
}

type entry struct {
	value   []byte
	expires time.Time
}

func newModel(breaks string) *model {
	return &model{entries: map[string]entry{}, timers: map[string]time.Time{}, watches: map[*watcher]bool{}, breaks: breaks}
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
		m.reads[0]++
		return nil, cache.ErrMiss
	}
	m.reads[1]++
	return append([]byte{}, e.value...), nil
}

func (m *model) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := cache.CheckTTL(ttl); err != nil && !m.is("invalid ttl") {
		return err
	}
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	if len(value) > tooLarge && !m.is("too large a value") {
		return cache.ErrSize
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tell(key)
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
	if !m.is("watch tells what changes") {
		m.tell(key)
	}
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
	Run(t, func(*testing.T) cache.Store { return newModel("") }, Tick(20*time.Millisecond), TooLarge(tooLarge+1))
}

// TestBroken runs each rule on the model that breaks just it. A rule without
// one meets a model that breaks nothing, and fails here.
func TestBroken(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range append(rules(), sizeRule(tooLarge+1)) {
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
		for _, r := range rules() {
			if !r.optional {
				continue
			}
			if err := r.check(t.Context(), single{newModel("")}, time.Second); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("rule %q on a store without optional abilities: %v", r.name, err)
			}
		}
	})
}

// decorator has every ability and cannot: its inner store has none.
type decorator struct{ *model }

func (decorator) GetMany(context.Context, []string) (map[string][]byte, error)    { return nil, errNone }
func (decorator) SetMany(context.Context, map[string][]byte, time.Duration) error { return errNone }
func (decorator) DeleteMany(context.Context, []string) (int, error)               { return 0, errNone }

func (decorator) Exists(context.Context, string) (bool, error) { return false, errNone }

func (decorator) DeletePattern(context.Context, string) (int, error)          { return 0, errNone }
func (decorator) Create(context.Context, string, []byte, time.Duration) error { return errNone }
func (decorator) Swap(context.Context, string, []byte, []byte, time.Duration) error {
	return errNone
}
func (decorator) Remove(context.Context, string, []byte) error { return errNone }
func (decorator) Increment(context.Context, string, int64, time.Duration) (int64, error) {
	return 0, errNone
}
func (decorator) Watch(context.Context, func(string)) error  { return errNone }
func (decorator) Stats(context.Context) (cache.Stats, error) { return cache.Stats{}, errNone }

var errNone = fmt.Errorf("decorator: %w", errors.ErrUnsupported)

func TestDecoratorsAreSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, r := range rules() {
			err := r.check(t.Context(), decorator{newModel("")}, time.Second)
			if r.optional != errors.Is(err, errors.ErrUnsupported) || !r.optional && err != nil {
				t.Errorf("rule %q on a decorator that cannot: %v", r.name, err)
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
	values map[[2]string]localEntry
	breaks string
}

type localEntry struct {
	value   any
	expires time.Time
}

func newLocal(breaks string) *localModel {
	return &localModel{values: map[[2]string]localEntry{}, breaks: breaks}
}

func (l *localModel) id(space, key string) [2]string {
	if l.breaks == "local spaces" {
		return [2]string{"", space + key}
	}
	return [2]string{space, key}
}

func (l *localModel) Get(space, key string) (any, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.values[l.id(space, key)]
	if !e.expires.IsZero() && !time.Now().Before(e.expires) && l.breaks != "local expiry" {
		return nil, false
	}
	return e.value, ok
}

func (l *localModel) Set(space, key string, value any, ttl time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := localEntry{value: value}
	switch {
	case ttl > 0:
		e.expires = time.Now().Add(ttl)
	case ttl < 0 && l.breaks != "local negative ttl":
		delete(l.values, l.id(space, key))
		return
	}
	l.values[l.id(space, key)] = e
}

func (l *localModel) Delete(space, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.breaks {
	case "get, set and delete":
	case "local concurrent use":
		clear(l.values)
	default:
		delete(l.values, l.id(space, key))
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
