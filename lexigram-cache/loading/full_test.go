package loading_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cache"
)

// A full is a store with the abilities that loading uses. Several caches over one
// are as many processes.
type full struct {
	mu      sync.Mutex
	entries map[string]timed
	watches map[*watching]bool
	lag     time.Duration // of reports
	before  func(op, key string) error
	after   func(op, key string) // a reply that takes a while
}

type timed struct {
	value   []byte
	expires time.Time
}

type watching struct {
	changed func(string)
	cut     chan error
}

var (
	_ cache.Swapper = (*full)(nil)
	_ cache.Batcher = (*full)(nil)
	_ cache.Watcher = (*full)(nil)
)

func newFull() *full { return &full{entries: map[string]timed{}, watches: map[*watching]bool{}} }

func (s *full) begin(ctx context.Context, op, key string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.before != nil {
		return s.before(op, key)
	}
	return nil
}

// live returns the value under key, or nil. The lock is held.
func (s *full) live(key string) ([]byte, bool) {
	e, ok := s.entries[key]
	if !ok || !e.expires.IsZero() && !time.Now().Before(e.expires) {
		return nil, false
	}
	return e.value, true
}

// put stores an entry, or deletes it if value is nil, and reports it. The lock is held.
func (s *full) put(key string, value []byte, ttl time.Duration) {
	e := timed{value: bytes.Clone(value)}
	if ttl > 0 {
		e.expires = time.Now().Add(ttl)
	}
	if s.entries[key] = e; value == nil {
		delete(s.entries, key)
	}
	for w := range s.watches {
		if s.lag == 0 {
			w.changed(key)
			continue
		}
		time.AfterFunc(s.lag, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.watches[w] {
				w.changed(key)
			}
		})
	}
}

func (s *full) Get(ctx context.Context, key string) ([]byte, error) {
	if err := s.begin(ctx, "get", key); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.live(key)
	if !ok {
		return nil, cache.ErrMiss
	}
	return bytes.Clone(v), nil
}

func (s *full) GetMany(ctx context.Context, keys []string) (map[string][]byte, error) {
	if err := s.begin(ctx, "get many", ""); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string][]byte{}
	for _, k := range keys {
		if v, ok := s.live(k); ok {
			all[k] = bytes.Clone(v)
		}
	}
	return all, nil
}

func (s *full) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.change(ctx, "set", key, nil, append([]byte{}, value...), ttl, true)
}

func (s *full) Delete(ctx context.Context, key string) error {
	return s.change(ctx, "delete", key, nil, nil, 0, true)
}

func (s *full) Create(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.change(ctx, "create", key, nil, append([]byte{}, value...), ttl, false)
}

func (s *full) Swap(ctx context.Context, key string, old, value []byte, ttl time.Duration) error {
	return s.change(ctx, "swap", key, append([]byte{}, old...), append([]byte{}, value...), ttl, false)
}

func (s *full) Remove(ctx context.Context, key string, old []byte) error {
	return s.change(ctx, "remove", key, append([]byte{}, old...), nil, 0, false)
}

// change puts value under key if what is there is old; a nil old is no entry.
func (s *full) change(ctx context.Context, op, key string, old, value []byte, ttl time.Duration, anyway bool) error {
	if err := s.begin(ctx, op, key); err != nil {
		return err
	}
	if s.after != nil {
		defer s.after(op, key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	v, ok := s.live(key)
	if !anyway && (ok != (old != nil) || !bytes.Equal(v, old)) {
		return cache.ErrChanged
	}
	s.put(key, value, ttl)
	return nil
}

func (s *full) Watch(ctx context.Context, changed func(string)) error {
	if err := s.begin(ctx, "watch", ""); err != nil {
		return err
	}
	w := &watching{changed, make(chan error, 1)}
	s.mu.Lock()
	s.watches[w] = true
	changed("")
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watches, w)
	}()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-w.cut:
		return err
	}
}

func (s *full) MaxStaleness() time.Duration { return s.lag }

// cut ends every Watch, as a lost connection does.
func (s *full) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watches {
		w.cut <- errors.New("connection lost")
		delete(s.watches, w)
	}
}

// A mapLocal is a cache.Local that loses nothing before its time.
type mapLocal struct{ values sync.Map }

type localValue struct {
	value   any
	expires time.Time
}

func newLocal() *mapLocal { return &mapLocal{} }

func (l *mapLocal) Get(space, key string) (any, bool) {
	v, ok := l.values.Load([2]string{space, key})
	if !ok {
		return nil, false
	}
	e := v.(localValue)
	return e.value, e.expires.IsZero() || time.Now().Before(e.expires)
}

func (l *mapLocal) Set(space, key string, v any, ttl time.Duration) {
	e := localValue{value: v}
	if ttl > 0 {
		e.expires = time.Now().Add(ttl)
	}
	l.values.Store([2]string{space, key}, e)
}

func (l *mapLocal) Delete(space, key string) { l.values.Delete([2]string{space, key}) }
