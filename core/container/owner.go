package container

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A slot is the place of one value.
type slot struct {
	value  atomic.Pointer[any] // nil until built or bound
	built  any                 // what value points to once built; written once, before
	flight *flight             // of the running build; guarded by the owner's mu
}

// A flight is a running build and those who wait for it.
type flight struct {
	call
	slot    *slot
	entry   *entry
	own     *flightContext // of a singleton whose caller may give up; nil of others
	waiters int            // guarded by the owner's mu; 0 means that nobody wants the value
	inline  bool           // runs in the goroutine of the one who asked first
	done    chan struct{}  // closed when value and err are set; made, under mu, by who waits
	value   any
	err     error

	next, prev *flight // in the owner's list
}

// An owner builds values, each once, and releases them: the container does it
// for singletons, a scope for its own. The zero value is ready.
type owner struct {
	mu       sync.Mutex
	running  *flight       // the newest
	built    []holding     // what there is to release, oldest first
	few      [2]holding    // where built begins, as most scopes hold little
	closing  atomic.Bool   // nothing begins any more; set under mu
	idle     chan struct{} // closed by the last build, if closing
	released bool          // later builds release their value themselves
	over     bool          // err is set
	closed   chan struct{} // closed when over; made by who waits
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
			o.run(f)
			return f.value, f.err
		}
		if as == builder {
			go o.run(f)
		}
		select {
		case <-f.done:
			if as != observer && !f.forsaken() {
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

// forsaken reports whether a scoped build failed when the ctx of its builder
// had ended: that is nobody else's failure.
func (f *flight) forsaken() bool {
	return f.err != nil && f.entry.reg.Lifetime == di.ScopedLifetime && f.ctx.Err() != nil
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
	case f == nil && o.closing.Load():
		return nil, 0, di.ErrClosed.Wrap(nil, "di: resolve %v", e.reg.Key)
	case f == nil:
		return o.begin(ctx, s, e, sc), builder, nil
	default:
		return f, f.admit(), nil
	}
}

// admit lets one more caller wait. The caller holds the owner's mu.
func (f *flight) admit() role {
	if f.done == nil {
		f.done = make(chan struct{})
	}
	if f.waiters == 0 {
		return observer
	}
	f.waiters++
	return waiter
}

// begin adds a flight. What is scoped is built with its caller's ctx, which
// lives as long as the scope's work. A singleton outlives its first caller. It is
// built in the goroutine of a caller that cannot give up, or that somebody else
// can do without: of the Build of a singleton, whose own callers wait elsewhere,
// and in a [Shelter].
func (o *owner) begin(ctx context.Context, s *slot, e *entry, sc *Scope) *flight {
	var f *flight
	if sc == nil && ctx.Done() != nil {
		f = o.beginShared(ctx)
		ctx = f.own
	} else {
		f = &flight{inline: true}
	}
	f.slot, f.entry, f.waiters = s, e, 1
	f.port = e.port(sc)
	f.ctx = buildContext{ctx, e, sc}
	s.flight = f
	if f.next = o.running; f.next != nil {
		f.next.prev = f
	}
	o.running = f
	return f
}

// beginShared returns a flight whose context ends when nobody waits any more.
func (o *owner) beginShared(ctx context.Context) *flight {
	both := &struct {
		flight
		own flightContext
	}{own: flightContext{Context: ctx}}
	f := &both.flight
	f.own = &both.own
	if f.inline = sheltered(ctx) || watched(ctx); f.inline {
		f.own.leaves, f.own.flight = o, f
	} else {
		f.done = make(chan struct{})
	}
	return f
}

// leave gives up on a flight; the last one to leave cancels it.
func (o *owner) leave(f *flight) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f.waiters--; f.waiters == 0 {
		f.own.end() // not nil: a flight without has a waiter that cannot leave
	}
}

// errExited is a Build that called runtime.Goexit, as testing.T.FailNow does.
var errExited = errors.New("Build ended its goroutine")

func (o *owner) run(f *flight) {
	returned := false
	var v any
	var err error
	defer func() {
		if !returned {
			err = &BuildError{Key: f.entry.reg.Key, Module: f.entry.module.name, Provider: f.entry.provider, Err: errExited}
		}
		o.finish(f, v, err)
	}()
	v, err = f.entry.build(&f.ctx, &f.port)
	returned = true
}

// finish publishes the outcome of a build. A value that comes after everything
// was released is released at once; one that was bound meanwhile counts.
func (o *owner) finish(f *flight, v any, err error) {
	o.mu.Lock()
	late := err == nil && o.released
	if err == nil && !late {
		if f.entry.releases(v) {
			if o.built == nil {
				o.built = o.few[:0]
			}
			o.built = append(o.built, holding{f.entry, v})
		}
		v, err = f.publish(v)
	}
	f.slot.flight = nil
	o.remove(f)
	if o.idle != nil && o.running == nil {
		close(o.idle)
		o.idle = nil
	}
	done := f.done // nobody joins any more
	o.mu.Unlock()
	if late {
		err = di.ErrClosed.Wrap(nil, "di: resolve %v", f.entry.reg.Key)
		if f.entry.releases(v) {
			err = errors.Join(err, holding{f.entry, v}.release().Do(context.WithoutCancel(&f.ctx)))
		}
		v = nil
	}
	f.value, f.err = v, err
	if f.own != nil {
		f.own.end()
	}
	if done != nil {
		close(done)
	}
}

// publish puts a built value into its slot, unless one was bound meanwhile or
// nobody gets it any more, and returns what those who wait get.
func (f *flight) publish(v any) (any, error) {
	if gone := f.entry.withdrawn.Load(); gone != nil {
		return nil, gone
	}
	if bound := f.slot.value.Load(); bound != nil {
		return *bound, nil
	}
	f.slot.built = v
	f.slot.value.Store(&f.slot.built)
	return v, nil
}

func (o *owner) remove(f *flight) {
	if f.prev != nil {
		f.prev.next = f.next
	} else {
		o.running = f.next
	}
	if f.next != nil {
		f.next.prev = f.prev
	}
	f.next, f.prev = nil, nil
}

// bind puts a value into a slot. The one that was there is released as before.
func (o *owner) bind(s *slot, e *entry, v any) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing.Load() {
		return di.ErrClosed.Wrap(nil, "di: bind %v", e.reg.Key)
	}
	if gone := e.withdrawn.Load(); gone != nil {
		return gone
	}
	s.value.Store(&v)
	return nil
}

// close refuses new builds, calls before, waits for the running builds until
// ctx ends, or for as long as patience lasts if it is not 0, and has each value
// released, newest first.
func (o *owner) close(ctx context.Context, patience time.Duration, before func(context.Context) error, each func(Release) error) error {
	o.mu.Lock()
	if o.closing.Load() {
		ended := o.ended()
		o.mu.Unlock()
		return o.await(ctx, ended)
	}
	o.closing.Store(true)
	var err, cause error
	if before != nil {
		o.mu.Unlock()
		err = before(ctx)
		o.mu.Lock()
	}
	if o.running != nil {
		cause = o.quiet(ctx, patience)
	}
	if failed := o.releaseAll(cause, each); err == nil {
		err = failed
	} else {
		err = errors.Join(err, failed)
	}
	defer o.mu.Unlock()
	o.err, o.over = err, true
	if o.closed != nil {
		close(o.closed)
	}
	return err
}

// ended returns a channel that is closed when err is set. The caller holds o.mu.
func (o *owner) ended() <-chan struct{} {
	if o.closed == nil {
		o.closed = make(chan struct{})
		if o.over {
			close(o.closed)
		}
	}
	return o.closed
}

// await returns what the first close returns.
func (o *owner) await(ctx context.Context, ended <-chan struct{}) error {
	select {
	case <-ended:
		return o.err
	default:
	}
	select {
	case <-ended:
		return o.err
	case <-ctx.Done():
		return di.Err.Wrap(context.Cause(ctx), "di: close: waiting for another Close")
	}
}

// quiet returns when no build runs, or with the cause when ctx or patience has
// ended. The caller holds o.mu, which is free meanwhile.
func (o *owner) quiet(ctx context.Context, patience time.Duration) error {
	idle := make(chan struct{})
	o.idle = idle
	o.mu.Unlock()
	defer o.mu.Lock()
	if patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// releaseAll has every value released and returns what goes wrong, joined. The
// caller holds o.mu, which is free meanwhile.
func (o *owner) releaseAll(cause error, each func(Release) error) error {
	var all []error
	for f := o.running; f != nil; f = f.next {
		all = append(all, di.Err.Wrap(cause, "di: close: the Build of %v is still running", f.entry))
	}
	built := o.built
	o.built, o.released = nil, true
	if len(built) == 0 {
		return errors.Join(all...)
	}
	o.mu.Unlock()
	defer o.mu.Lock()
	for i := len(built) - 1; i >= 0; i-- {
		if again(built, i) {
			continue
		}
		if err := each(built[i].release()); err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}
