package memorylock

import (
	"context"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// A Mutex is a lock between goroutines that a context can leave; where none
// has to, use sync.Mutex. It is not reentrant. Goroutines that wait are served in
// the order they came. The zero value is unlocked; it must not be copied after its first use.
type Mutex struct {
	once sync.Once
	held chan struct{} // full while it is locked
}

func (m *Mutex) channel() chan struct{} {
	m.once.Do(func() { m.held = make(chan struct{}, 1) })
	return m.held
}

// Lock locks m. It waits until m is unlocked or ctx ends: the error then wraps
// its cause, and m is not locked. A ctx that has ended is an error even if m is unlocked.
func (m *Mutex) Lock(ctx context.Context) error {
	if ctx.Err() == nil {
		select {
		case m.channel() <- struct{}{}:
			return nil
		case <-ctx.Done():
		}
	}
	return lock.Err.Wrap(context.Cause(ctx), "memorylock: lock")
}

// TryLock locks m if it is unlocked, and reports whether it did.
func (m *Mutex) TryLock() bool {
	select {
	case m.channel() <- struct{}{}:
		return true
	default:
		return false
	}
}

// Unlock unlocks m, which any goroutine may. It panics if m is not locked.
func (m *Mutex) Unlock() {
	select {
	case <-m.channel():
	default:
		panic("memorylock: Unlock of a Mutex that is not locked")
	}
}
