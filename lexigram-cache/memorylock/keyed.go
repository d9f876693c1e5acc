package memorylock

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// Keyed is a [Mutex] for each key, for as long as somebody uses the key. It is
// safe for concurrent use. The zero value is ready to use; it must not be copied after its first use.
type Keyed struct {
	mu    sync.Mutex
	users map[string]*keyMutex
}

type keyMutex struct {
	Mutex
	users int // who hold it or wait for it
}

// Lock locks every one of keys, each once however often it is named, or none:
// when ctx ends first, the error wraps its cause. It locks them in one order
// for all callers, so that two who lock the same keys cannot wait for each other; who holds
// a key and calls Lock again can. The caller calls unlock; further calls do nothing.
func (k *Keyed) Lock(ctx context.Context, keys ...string) (unlock func(), err error) {
	ordered := slices.Compact(slices.Sorted(slices.Values(keys)))
	for i, key := range ordered {
		m := k.enter(key)
		if err := m.Lock(ctx); err != nil {
			k.leave(key)
			k.unlock(ordered[:i])
			return nil, err
		}
	}
	return sync.OnceFunc(func() { k.unlock(ordered) }), nil
}

func (k *Keyed) unlock(keys []string) {
	for _, key := range slices.Backward(keys) {
		k.leave(key).Unlock()
	}
}

// enter returns the mutex of key, and counts the caller.
func (k *Keyed) enter(key string) *keyMutex {
	k.mu.Lock()
	defer k.mu.Unlock()
	m, ok := k.users[key]
	if !ok {
		if k.users == nil {
			k.users = map[string]*keyMutex{}
		}
		m = &keyMutex{}
		k.users[strings.Clone(key)] = m
	}
	m.users++
	return m
}

// leave counts the caller no more.
func (k *Keyed) leave(key string) *keyMutex {
	k.mu.Lock()
	defer k.mu.Unlock()
	m := k.users[key]
	if m.users--; m.users == 0 {
		delete(k.users, key)
	}
	return m
}
