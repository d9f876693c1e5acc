package process

import (
	"context"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/saga"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Worker runs the instances of its manager's sagas that are due: those that
// were started, got their event, ran out of time, are to be tried again, or
// whose process died. Make one with [NewWorker]. Its methods are safe for
// concurrent use. Any number of workers may work on one database or store; a
// manager has one.
type Worker struct {
	m    *Manager
	opts WorkerOptions

	mu      sync.Mutex
	started bool
	stopped bool
	drain   chan struct{} // closed: begin nothing more
	cancel  context.CancelFunc
	done    chan struct{} // closed when the last goroutine has ended
}

// NewWorker returns a worker of m. Options out of range are errors wrapping [saga.ErrInvalid].
func NewWorker(m *Manager, opts WorkerOptions) (*Worker, error) {
	if m == nil {
		return nil, saga.ErrInvalid.Wrap(nil, "process: worker: the manager is nil")
	}
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Worker{m: m, opts: opts, drain: make(chan struct{}), done: make(chan struct{})}, nil
}

// Start begins to run what is due, and returns. ctx bounds this call and lends
// its values to steps. A worker that runs is left alone; one that was stopped is
// an error wrapping [saga.ErrInvalid].
func (w *Worker) Start(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.stopped:
		return saga.ErrInvalid.Wrap(nil, "process: start a worker that was stopped; make a new one")
	case w.started:
		return nil
	}
	run, cancel := context.WithCancel(context.WithoutCancel(sqldb.Detach(ctx)))
	notes, err := w.m.book.listen(run)
	if err != nil {
		cancel()
		return saga.Err.Wrap(err, "process: worker: listen")
	}
	w.started, w.cancel = true, cancel
	s := newShift(w, run)
	go func() {
		defer close(w.done)
		defer cancel()
		s.run(notes)
	}()
	return nil
}

// Stop begins nothing more, cancels the ctx of steps that run, and waits until
// they have returned or ctx ends. Others go on where they were. It is
// idempotent and works before Start.
func (w *Worker) Stop(ctx context.Context) error {
	if !w.end() {
		return nil
	}
	w.cancel()
	return w.wait(ctx, "stop")
}

// Drain begins nothing more, and waits until each instance that runs has come
// to its end or to a pause, or ctx ends: then it does as Stop, without waiting,
// and returns the cause. It is idempotent and works before Start.
func (w *Worker) Drain(ctx context.Context) error {
	if !w.end() {
		return nil
	}
	err := w.wait(ctx, "drain")
	w.cancel()
	return err
}

// end has nothing more begun, and reports whether the worker ever ran.
func (w *Worker) end() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.stopped {
		w.stopped = true
		close(w.drain)
	}
	return w.started
}

func (w *Worker) wait(ctx context.Context, op string) error {
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return saga.Err.Wrap(context.Cause(ctx), "process: worker: %s", op)
	}
}
