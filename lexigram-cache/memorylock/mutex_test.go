package memorylock_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorylock"
)

func TestMutex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memorylock.Mutex
		if err := m.Lock(t.Context()); err != nil || m.TryLock() {
			t.Fatalf("Lock = %v, or TryLock of a locked one", err)
		}
		cause := errors.New("left")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		if err := m.Lock(ctx); !errors.Is(err, cause) || !errors.Is(err, lock.Err) {
			t.Errorf("Lock whose context ends = %v", err)
		}
		time.AfterFunc(time.Second, m.Unlock)
		if err := m.Lock(t.Context()); err != nil {
			t.Error(err)
		}
		m.Unlock()
		if err := m.Lock(ctx); !errors.Is(err, cause) {
			t.Errorf("Lock with a context that has ended = %v", err)
		}
		if !m.TryLock() {
			t.Error("TryLock of an unlocked one")
		}
		m.Unlock()
		defer func() {
			if recover() == nil {
				t.Error("Unlock of an unlocked one does not panic")
			}
		}()
		m.Unlock()
	})
}

func TestMutexConcurrentSafe(t *testing.T) {
	var m memorylock.Mutex
	var wg sync.WaitGroup
	n := 0
	for range 20 {
		wg.Go(func() {
			for range 200 {
				if err := m.Lock(t.Context()); err != nil {
					t.Error(err)
					return
				}
				n++
				m.Unlock()
			}
		})
	}
	wg.Wait()
	if n != 4000 {
		t.Errorf("counted to %d", n)
	}
}

// TestKeyedNeverDeadlocks has goroutines name the same keys in opposite orders.
func TestKeyedNeverDeadlocks(t *testing.T) {
	var k memorylock.Keyed
	var wg sync.WaitGroup
	counts := map[string]*int{"a": new(int), "b": new(int), "c": new(int)}
	for _, keys := range [][]string{{"a", "b", "c"}, {"c", "b", "a"}, {"b", "a", "b"}, {"c"}} {
		for range 5 {
			wg.Go(func() {
				for range 200 {
					unlock, err := k.Lock(t.Context(), keys...)
					if err != nil {
						t.Error(err)
						return
					}
					for _, key := range keys {
						*counts[key]++
					}
					unlock()
					unlock()
				}
			})
		}
	}
	wg.Wait()
	if *counts["a"] != 3000 || *counts["b"] != 4000 || *counts["c"] != 3000 {
		t.Errorf("counted to %d, %d, %d", *counts["a"], *counts["b"], *counts["c"])
	}
}

func TestKeyedLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var k memorylock.Keyed
		unlock, err := k.Lock(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.Lock(ctx, "a", "b", "c"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Lock = %v", err)
		}
		other, err := k.Lock(t.Context(), "a", "c") // which were given back
		if err != nil {
			t.Fatal(err)
		}
		other()
		unlock()
		if none, err := k.Lock(t.Context()); err != nil {
			t.Error(err)
		} else {
			none()
		}
	})
}
