package resilient

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/resilience"
)

// BulkheadOptions are those of a [Bulkhead].
type BulkheadOptions struct {
	MaxConcurrent int           // calls at once; 0 means 10
	MaxQueue      int           // calls that wait for a place; 0 refuses at once
	MaxWait       time.Duration // for a place; 0 waits as long as the caller's context
}

// A Bulkhead bounds how many calls of a dependency run at once. Calls that wait
// get their place in the order they came. It is safe for concurrent use.
type Bulkhead struct {
	opts BulkheadOptions

	// state is how many run, and in the lowest bit whether some wait. While
	// some do, it changes under mu only.
	state atomic.Int64

	mu    sync.Mutex
	queue list.List // of chan struct{}: closed when its place is free
}

// NewBulkhead returns an empty bulkhead. All that is wrong with o is returned at
// once, as an error that matches [resilience.Err] and errs.ErrValidation.
func NewBulkhead(o BulkheadOptions) (*Bulkhead, error) {
	if o.MaxConcurrent == 0 {
		o.MaxConcurrent = 10
	}
	var invalid errs.ValidationError
	if o.MaxConcurrent < 1 {
		invalid.Add("MaxConcurrent", "is negative; 0 means 10", "")
	}
	if o.MaxQueue < 0 {
		invalid.Add("MaxQueue", "is negative; 0 is no queue", "")
	}
	if o.MaxWait < 0 {
		invalid.Add("MaxWait", "is negative; 0 waits as long as the caller's context", "")
	}
	if o.MaxWait > 0 && o.MaxQueue == 0 {
		invalid.Add("MaxWait", "is set, and MaxQueue is not: nobody waits", "")
	}
	if err := constructed(&invalid, "bulkhead"); err != nil {
		return nil, err
	}
	return &Bulkhead{opts: o}, nil
}

// Load returns how many calls run, and how many wait.
func (b *Bulkhead) Load() (running, waiting int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int(b.state.Load() >> 1), b.queue.Len()
}

// enter takes a place, waits for one, or refuses the call of the pipeline name.
func (b *Bulkhead) enter(ctx context.Context, name string) error {
	if b.take() {
		return nil
	}
	waiter, refused := b.join(name)
	if waiter == nil {
		return refused
	}
	place := waiter.Value.(chan struct{})
	var late <-chan time.Time
	if b.opts.MaxWait > 0 {
		timer := time.NewTimer(b.opts.MaxWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-place:
	case <-late:
	case <-ctx.Done():
	}
	came := b.leave(waiter, place)
	switch {
	case ctx.Err() != nil:
		if came {
			b.exit()
		}
		return resilience.Err.Wrap(context.Cause(ctx), "resilience: %s: waiting for a place", name)
	case !came:
		return &refusal{why: resilience.ErrFull, name: name}
	}
	return nil
}

// take takes a place that is free and that nobody waits for.
func (b *Bulkhead) take() bool {
	for {
		s := b.state.Load()
		if s&waiting != 0 || int(s>>1) >= b.opts.MaxConcurrent {
			return false
		}
		if b.state.CompareAndSwap(s, s+runs) {
			return true
		}
	}
}

// join returns a new waiter, or nil and an error; both are nil if a place is free now.
func (b *Bulkhead) join(name string) (*list.Element, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for {
		s := b.state.Load()
		if b.take() {
			return nil, nil
		}
		if b.queue.Len() >= b.opts.MaxQueue {
			return nil, &refusal{why: resilience.ErrFull, name: name}
		}
		if s>>1 == int64(b.opts.MaxConcurrent) && b.state.CompareAndSwap(s, s|waiting) {
			return b.queue.PushBack(make(chan struct{})), nil
		}
	}
}

// leave ends the wait, and reports whether the place came.
func (b *Bulkhead) leave(waiter *list.Element, place chan struct{}) (came bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-place:
		return true
	default:
		b.remove(waiter)
		return false
	}
}

// exit gives the place to who waits longest.
func (b *Bulkhead) exit() {
	for {
		s := b.state.Load()
		if s&waiting == 0 {
			if b.state.CompareAndSwap(s, s-runs) {
				return
			}
			continue
		}
		b.mu.Lock()
		first := b.queue.Front()
		if first != nil {
			close(b.remove(first))
		}
		b.mu.Unlock()
		if first != nil {
			return
		}
	}
}

// remove takes a waiter out of the queue.
func (b *Bulkhead) remove(waiter *list.Element) chan struct{} {
	place := b.queue.Remove(waiter).(chan struct{})
	if b.queue.Len() == 0 {
		b.state.Add(-waiting)
	}
	return place
}

const (
	waiting = 1 // the bit of [Bulkhead.state]
	runs    = 2 // one call that runs
)
