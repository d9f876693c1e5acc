package sqldriver

import (
	"context"
	"sync"
	"time"
)

// An ending is the context of the statements that end a transaction: not
// cancelled with the caller's, and with a deadline. Until something waits for
// it, it costs one allocation, where those of package context cost nine.
type ending struct {
	caller   context.Context
	deadline time.Time

	mu    sync.Mutex
	err   error
	done  chan struct{} // nil until something waits
	timer *time.Timer
}

func newEnding(ctx context.Context, timeout time.Duration) *ending {
	return &ending{caller: ctx, deadline: time.Now().Add(timeout)}
}

// Deadline implements context.Context.
func (e *ending) Deadline() (time.Time, bool) { return e.deadline, true }

// Value implements context.Context.
func (e *ending) Value(key any) any { return context.WithoutCancel(e.caller).Value(key) }

// Done implements context.Context.
func (e *ending) Done() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.done == nil {
		e.done = make(chan struct{})
		if e.err != nil {
			close(e.done)
			return e.done
		}
		e.timer = time.AfterFunc(time.Until(e.deadline), func() { e.end(context.DeadlineExceeded) })
	}
	return e.done
}

// Err implements context.Context.
func (e *ending) Err() error {
	if time.Until(e.deadline) <= 0 {
		e.end(context.DeadlineExceeded)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// AfterFunc is what package context looks for, so as to start no goroutine.
func (e *ending) AfterFunc(f func()) (stop func() bool) {
	return time.AfterFunc(time.Until(e.deadline), f).Stop
}

// over says that what e was for is done.
func (e *ending) over() { e.end(context.Canceled) }

func (e *ending) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil {
		return
	}
	if e.err = err; e.done != nil {
		e.timer.Stop()
		close(e.done)
	}
}
