package container

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A slot is the place of one value.
type slot struct {
	value  atomic.Pointer[any] // nil until built; never changes afterwards
	flight *flight             // of the running build; guarded by the owner's mu
}

// A flight is a running build and those who wait for it.
type flight struct {
	entry   *entry
	ctx     context.Context // &build
	build   buildContext
	cancel  context.CancelFunc
	waiters int           // guarded by the owner's mu; 0 means that nobody wants the value
	inline  bool          // runs in the goroutine of the one who asked first
	done    chan struct{} // closed when value and err are set
	value   any
	err     error
}

// An owner builds values, each once, and releases them: the container does it
// for singletons, a scope for its own. The zero value is ready.
type owner struct {
	mu       sync.Mutex
	running  []*flight
	built    []Release     // what there is to release, oldest first
	closing  bool          // nothing begins any more
	idle     chan struct{} // closed by the last build, if closing
	released bool          // later builds release their value themselves
	closed   chan struct{} // closed when err is set; nil before closing
	err      error
}

// A role is what a caller of join is to a flight.
type role uint8

const (
	builder  role = iota // runs it
	waiter               // counts as one who wants the value
	observer             // came after everyone gave up: tries again when it ended
)

// get returns the slot's value, building it if there is none. Concurrent calls
// build once; a failed build leaves the slot empty.
func (o *owner) get(ctx context.Context, s *slot, e *entry, sc *Scope) (any, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, gaveUp(ctx, e)
		}
		f, as, err := o.join(ctx, s, e, sc)
		if err != nil {
			return nil, err
		}
		if f == nil {
			if v := s.value.Load(); v != nil {
				return *v, nil
			}
			continue // withdrawn meanwhile
		}
		if as == builder && f.inline {
			return o.runInline(ctx, f, s, sc)
		}
		if as == builder {
			go o.run(f, s, sc)
		}
		select {
		case <-f.done:
			if as != observer {
				return f.value, f.err
			}
		case <-ctx.Done():
			if as != observer {
				o.leave(f)
			}
			return nil, gaveUp(ctx, e)
		}
	}
}

func gaveUp(ctx context.Context, e *entry) error {
	return &BuildError{Key: e.reg.Key, Module: e.module.name, Provider: e.provider, Err: context.Cause(ctx)}
}

// join returns the slot's flight, a new one if there is none, or nil if the value is there.
func (o *owner) join(ctx context.Context, s *slot, e *entry, sc *Scope) (*flight, role, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch f, gone := s.flight, e.withdrawn.Load(); {
	case gone != nil:
		return nil, 0, gone
	case s.value.Load() != nil:
		return nil, waiter, nil
	case f != nil && within(ctx, e, sc):
		return nil, 0, cycleError(ctx, e, sc)
	case f != nil && f.waiters == 0:
		return f, observer, nil
	case f != nil:
		f.waiters++
		return f, waiter, nil
	case o.closing:
		return nil, 0, di.ErrClosed.Wrap(nil, "di: resolve %v", e.reg.Key)
	}
	f := &flight{entry: e, waiters: 1, done: make(chan struct{}), ctx: ctx}
	f.inline = ctx.Done() == nil || ctx.Value(buildKey{}) != nil
	if ctx.Done() != nil {
		f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	}
	f.build = buildContext{Context: f.ctx, entry: e, scope: sc}
	f.ctx = &f.build
	s.flight = f
	o.running = append(o.running, f)
	return f, builder, nil
}

// leave gives up on a flight; the last one to leave cancels it.
func (o *owner) leave(f *flight) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.waiters--; f.waiters == 0 {
		f.cancel() // not nil: a flight without cancel has a waiter that cannot leave
	}
}

// runInline builds in the caller's goroutine: of a caller that cannot give up,
// or that is a Build itself, whose own callers wait in other goroutines.
func (o *owner) runInline(ctx context.Context, f *flight, s *slot, sc *Scope) (any, error) {
	if f.cancel != nil {
		stop := context.AfterFunc(ctx, func() { o.leave(f) })
		defer stop()
	}
	o.run(f, s, sc)
	return f.value, f.err
}

// errExited is a Build that called runtime.Goexit, as testing.T.FailNow does.
var errExited = errors.New("Build ended its goroutine")

func (o *owner) run(f *flight, s *slot, sc *Scope) {
	v, err := any(nil), error(&BuildError{Key: f.entry.reg.Key, Module: f.entry.module.name, Provider: f.entry.provider, Err: errExited})
	defer func() { o.finish(f, s, v, err) }()
	v, err = f.entry.build(f.ctx, sc)
}

// finish publishes the outcome of a build. A value that comes after everything
// was released is released at once.
func (o *owner) finish(f *flight, s *slot, v any, err error) {
	o.mu.Lock()
	late := err == nil && o.released
	if err == nil && !late {
		if r, ok := f.entry.release(v); ok {
			o.built = append(o.built, r)
		}
		if gone := f.entry.withdrawn.Load(); gone == nil {
			s.value.Store(&v)
		} else {
			v, err = nil, gone
		}
	}
	s.flight = nil
	o.remove(f)
	if o.idle != nil && len(o.running) == 0 {
		close(o.idle)
		o.idle = nil
	}
	o.mu.Unlock()
	if late {
		err = di.ErrClosed.Wrap(nil, "di: resolve %v", f.entry.reg.Key)
		if r, ok := f.entry.release(v); ok {
			err = errors.Join(err, r.Do(context.WithoutCancel(f.ctx)))
		}
		v = nil
	}
	f.value, f.err = v, err
	if f.cancel != nil {
		f.cancel()
	}
	close(f.done)
}

func (o *owner) remove(f *flight) {
	for i, r := range o.running {
		if r == f {
			o.running = append(o.running[:i], o.running[i+1:]...)
			return
		}
	}
}

// close refuses new builds, waits for the running ones until ctx ends, and has
// each value released, newest first.
func (o *owner) close(ctx context.Context, each func(Release) error) error {
	o.mu.Lock()
	if o.closing {
		o.mu.Unlock()
		select {
		case <-o.closed:
			return o.err
		case <-ctx.Done():
			return di.Err.Wrap(context.Cause(ctx), "di: close: waiting for another Close")
		}
	}
	o.closing, o.closed = true, make(chan struct{})
	var idle chan struct{}
	if len(o.running) > 0 {
		idle = make(chan struct{})
		o.idle = idle
	}
	o.mu.Unlock()
	if idle != nil {
		select {
		case <-idle:
		case <-ctx.Done():
		}
	}
	o.err = o.releaseAll(ctx, each)
	close(o.closed)
	return o.err
}

func (o *owner) releaseAll(ctx context.Context, each func(Release) error) error {
	o.mu.Lock()
	var all []error
	for _, f := range o.running {
		all = append(all, di.Err.Wrap(context.Cause(ctx), "di: close: the Build of %v is still running", f.entry))
	}
	built := o.built
	o.built, o.released = nil, true
	o.mu.Unlock()
	for i := len(built) - 1; i >= 0; i-- {
		if built[i].again(built, i) {
			continue
		}
		if err := each(built[i]); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
