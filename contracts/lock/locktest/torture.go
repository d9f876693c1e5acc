package locktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lock"
)

// A resource is a counter that its users read, and write one more of. With
// fences, it refuses smaller ones than it has seen.
type resource struct {
	fences bool

	mu      sync.Mutex
	value   int
	writes  int // that were accepted
	last    uint64
	refused int
}

// admit reports whether the fence may pass; its caller holds the mutex.
func (r *resource) admit(fence uint64) bool {
	if r.fences && fence < r.last {
		r.refused++
		return false
	}
	r.last = max(r.last, fence)
	return true
}

func (r *resource) read(fence uint64) (value int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.value, r.admit(fence)
}

func (r *resource) write(fence uint64, value int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.admit(fence) {
		return false
	}
	r.value = value
	r.writes++
	return true
}

// lost returns how many accepted writes later ones undid, unawares.
func (r *resource) lost() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.writes - r.value
}

// torture has workers add to r under leases. Some pause past the end of
// theirs between reading and writing, as a process does that its machine
// suspended: they do not look at the context of the lease. The first
// round is arranged: its owner writes only after another did.
func torture(ctx context.Context, s lock.Store, r *resource, tick time.Duration) error {
	const workers, rounds = 8, 4
	if err := overtake(ctx, s, r, tick); err != nil {
		return err
	}
	failed := make([]error, workers)
	var wg sync.WaitGroup
	for i := range failed {
		wg.Go(func() {
			for range rounds {
				pause := time.Duration(0)
				if rand.IntN(3) == 0 {
					pause = tick + rand.N(tick)
				}
				if failed[i] = add(ctx, s, r, tick, pause); failed[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failed...)
}

// add reads and writes under a lease of one tick.
func add(ctx context.Context, s lock.Store, r *resource, tick, pause time.Duration) error {
	l, err := lock.Acquire(ctx, s, "resource", tick, lock.Poll(tick/2))
	if errors.Is(err, lock.ErrLost) {
		return nil // this machine was too slow
	} else if err != nil {
		return err
	}
	if v, ok := r.read(l.Fence()); ok {
		time.Sleep(pause)
		r.write(l.Fence(), v+1)
	}
	return l.Release(ctx)
}

// overtake has one owner read, a second one read and write once the lease of the
// first has run out, and then the first one write.
func overtake(ctx context.Context, s lock.Store, r *resource, tick time.Duration) error {
	slow, err := s.Acquire(ctx, "resource", "slow", tick/2)
	if err != nil {
		return err
	}
	before, _ := r.read(slow)
	time.Sleep(tick)
	quick, err := s.Acquire(ctx, "resource", "quick", time.Minute)
	if err != nil {
		return fmt.Errorf("Acquire after the other's ttl = %w", err)
	}
	v, ok := r.read(quick)
	if !ok || !r.write(quick, v+1) {
		return fmt.Errorf("fence %d, of the lease that is live, is refused: %d came before", quick, slow)
	}
	r.write(slow, before+1)
	return errors.Join(s.Release(ctx, "resource", "slow"), s.Release(ctx, "resource", "quick"))
}

// checkTorture runs the torture twice: without fences it must show what they are for.
func checkTorture(ctx context.Context, s lock.Store, tick time.Duration) error {
	open := &resource{}
	if err := torture(ctx, s, open, tick); err != nil {
		return err
	}
	if open.lost() == 0 {
		return errors.New("the resource that looks at no fences lost nothing: this check cannot fail")
	}
	fenced := &resource{fences: true}
	if err := torture(ctx, s, fenced, tick); err != nil {
		return err
	}
	if n := fenced.lost(); n != 0 || fenced.refused == 0 {
		return fmt.Errorf("the resource that looks at fences lost %d of %d writes and refused %d", n, fenced.writes, fenced.refused)
	}
	return nil
}
