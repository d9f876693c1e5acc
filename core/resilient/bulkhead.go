package resilient

import (
	"container/list"
	"context"
	"sync"
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

	mu      sync.Mutex
	running int
	queue   list.List // of chan struct{}: closed when its place is free
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
	return b.running, b.queue.Len()
}

// enter takes a place, waits for one, or refuses the call of the pipeline name.
func (b *Bulkhead) enter(ctx context.Context, name string) error {
	b.mu.Lock()
	if b.running < b.opts.MaxConcurrent {
		b.running++
		b.mu.Unlock()
		return nil
	}
	if b.queue.Len() >= b.opts.MaxQueue {
		b.mu.Unlock()
		return &refusal{why: resilience.ErrFull, name: name}
	}
	place := make(chan struct{})
	waiter := b.queue.PushBack(place)
	b.mu.Unlock()

	var late <-chan time.Time
	if b.opts.MaxWait > 0 {
		timer := time.NewTimer(b.opts.MaxWait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-place:
		if ctx.Err() == nil {
			return nil
		}
	case <-late:
	case <-ctx.Done():
	}
	b.leave(waiter, place)
	if ctx.Err() != nil {
		return resilience.Err.Wrap(context.Cause(ctx), "resilience: %s: waiting for a place", name)
	}
	return &refusal{why: resilience.ErrFull, name: name}
}

// leave gives up waiting, or the place that came meanwhile.
func (b *Bulkhead) leave(waiter *list.Element, place chan struct{}) {
	b.mu.Lock()
	select {
	case <-place:
		b.mu.Unlock()
		b.exit()
	default:
		b.queue.Remove(waiter)
		b.mu.Unlock()
	}
}

// exit gives the place to who waits longest.
func (b *Bulkhead) exit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if first := b.queue.Front(); first != nil {
		close(b.queue.Remove(first).(chan struct{}))
		return
	}
	b.running--
}
