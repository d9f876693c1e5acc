package cachetest

import (
	"bytes"
	"context"
	"errors"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// tooLarge is the most that a model takes for a value.
const tooLarge = 1 << 20

var (
	_ cache.Batcher        = (*model)(nil)
	_ cache.BatchWriter    = (*model)(nil)
	_ cache.Exister        = (*model)(nil)
	_ cache.PatternDeleter = (*model)(nil)
	_ cache.Swapper        = (*model)(nil)
	_ cache.Counter        = (*model)(nil)
	_ cache.Watcher        = (*model)(nil)
	_ cache.Meter          = (*model)(nil)
)

// guard is what every optional method begins with.
func (m *model) guard(ctx context.Context, ttl time.Duration, keys ...string) error {
	if err := cache.CheckTTL(ttl); err != nil && !m.is("optional methods: invalid ttl") {
		return err
	}
	for _, k := range keys {
		if err := cache.CheckKey(k); err != nil && !m.is("optional methods: invalid keys") {
			return err
		}
	}
	if ctx.Err() != nil && !m.is("optional methods: a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

// live returns the entry under key. The lock is held.
func (m *model) live(key string) (entry, bool) {
	e, ok := m.entries[key]
	return e, ok && (e.expires.IsZero() || time.Now().Before(e.expires))
}

// put stores an entry. The lock is held.
func (m *model) put(key string, value []byte, ttl time.Duration) {
	e := entry{value: value}
	if ttl > 0 {
		e.expires = time.Now().Add(ttl)
	}
	m.entries[key] = e
	m.tell(key)
}

func (m *model) SetMany(ctx context.Context, entries map[string][]byte, ttl time.Duration) error {
	n := 0
	for k, v := range entries {
		if err := m.guard(ctx, ttl, k); err != nil {
			return err
		}
		if len(v) > tooLarge {
			return cache.ErrSize
		}
	}
	if m.guard(ctx, ttl) != nil {
		return m.guard(ctx, ttl)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, v := range entries {
		if n++; m.is("writing very many") && n > 500 {
			break
		}
		if !m.is("set many copies") {
			v = bytes.Clone(v)
		}
		old := m.entries[k]
		m.put(k, v, ttl)
		if m.is("set many") && ttl == 0 {
			m.entries[k] = entry{v, old.expires}
		}
	}
	return nil
}

func (m *model) DeleteMany(ctx context.Context, keys []string) (int, error) {
	if err := m.guard(ctx, 0, keys...); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, k := range keys {
		if _, ok := m.live(k); ok {
			n++
		}
		delete(m.entries, k)
		m.tell(k)
	}
	if m.is("delete many") {
		return len(keys), nil
	}
	return n, nil
}

func (m *model) Exists(ctx context.Context, key string) (bool, error) {
	if err := m.guard(ctx, 0, key); err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	return ok && (len(e.value) > 0 || !m.is("exists")), nil
}

func (m *model) DeletePattern(ctx context.Context, pattern string) (int, error) {
	if err := cache.CheckPattern(pattern); err != nil && !m.is("malformed pattern") {
		return 0, err
	}
	if err := m.guard(ctx, 0); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for k := range m.entries {
		match := cache.MatchPattern(pattern, k)
		switch {
		case m.is("delete pattern"):
			match = strings.HasPrefix(k, strings.TrimSuffix(pattern, "*"))
		case m.is("delete pattern of other signs"):
			match, _ = path.Match(pattern, k)
		case m.is("delete pattern escaped"):
			match = cache.MatchPattern(strings.ReplaceAll(pattern, `\`, ""), k)
		case m.is("delete pattern of very many") && n == 1_000, m.is("clear") && strings.HasPrefix(k, "{"):
			match = false
		}
		if _, live := m.live(k); match && live {
			n++
		}
		if match {
			delete(m.entries, k)
			m.tell(k)
		}
	}
	return n, nil
}

// held reports what key has, as a Swapper sees it. The lock is held.
func (m *model) held(key string, old []byte) error {
	e, ok := m.live(key)
	if !ok || !bytes.Equal(e.value, old) {
		return cache.ErrChanged
	}
	return nil
}

func (m *model) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := m.guard(ctx, ttl, key); err != nil {
		return err
	}
	if len(value) > tooLarge {
		return cache.ErrSize
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	if ok && (len(e.value) > 0 || !m.is("create")) {
		return cache.ErrChanged
	}
	if !m.is("swap copies") {
		value = bytes.Clone(value)
	}
	m.put(key, value, ttl)
	return nil
}

func (m *model) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	if err := m.guard(ctx, ttl, key); err != nil {
		return err
	}
	if len(value) > tooLarge {
		return cache.ErrSize
	}
	m.mu.Lock()
	err := m.held(key, old)
	if m.is("one swaps") { // looks, and then writes
		m.mu.Unlock()
		time.Sleep(time.Microsecond)
		m.mu.Lock()
	}
	defer m.mu.Unlock()
	if m.is("swap") && bytes.HasPrefix(m.entries[key].value, old) {
		err = nil
	}
	if err != nil {
		return err
	}
	expires := m.entries[key].expires
	m.put(key, bytes.Clone(value), ttl)
	if m.is("swap resets the ttl") && ttl == 0 {
		m.entries[key] = entry{value, expires}
	}
	return nil
}

func (m *model) Remove(ctx context.Context, key string, old []byte) error {
	if err := m.guard(ctx, 0, key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.held(key, old); err != nil && !m.is("remove") {
		return err
	}
	delete(m.entries, key)
	m.tell(key)
	return nil
}

func (m *model) Increment(ctx context.Context, key string, delta int64, ttl time.Duration) (int64, error) {
	if err := m.guard(ctx, ttl, key); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.live(key)
	n, err := strconv.ParseInt(string(e.value), 10, 64)
	if m.is("concurrent increments") { // looks, and then writes
		m.mu.Unlock()
		time.Sleep(time.Microsecond)
		m.mu.Lock()
	}
	switch sum := n + delta; {
	case !ok:
	case m.is("increment of what is no number"):
	case err != nil, strconv.FormatInt(n, 10) != string(e.value), (sum > n) != (delta > 0) && delta != 0:
		return 0, cache.ErrNumber
	}
	m.put(key, strconv.AppendInt(nil, n+delta, 10), ttl)
	if ok && !m.is("increment and ttl") {
		m.entries[key] = entry{m.entries[key].value, e.expires}
	}
	if m.is("increment") {
		return delta, nil
	}
	return n + delta, nil
}

type watcher struct{ changed func(string) }

// tell reports key. The lock is held.
func (m *model) tell(key string) {
	for w := range m.watches {
		w.changed(key)
	}
}

func (m *model) Watch(ctx context.Context, changed func(string)) error {
	if ctx.Err() != nil && !m.is("optional methods: a context that has ended") {
		return context.Cause(ctx)
	}
	w := &watcher{changed}
	m.mu.Lock()
	if !m.is("watch begins with every key") {
		changed("")
	}
	m.watches[w] = true
	m.mu.Unlock()
	<-ctx.Done()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.is("watch ends") {
		return errors.New("ended")
	}
	delete(m.watches, w)
	return context.Cause(ctx)
}

func (m *model) MaxStaleness() time.Duration { return 0 }

func (m *model) Stats(ctx context.Context) (cache.Stats, error) {
	if err := m.guard(ctx, 0); err != nil {
		return cache.Stats{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := cache.Stats{Entries: int64(len(m.entries)), Bytes: -1, Misses: m.reads[0], Hits: m.reads[1]}
	if m.is("stats") {
		s.Hits = 0
	}
	return s, nil
}
