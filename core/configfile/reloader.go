package configfile

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// ErrReload is matched by every error of a reload that was rejected, beside what
// was wrong. The configuration stays as it was.
var ErrReload = config.Err.Sub("LEX_ERR_CFG_004", errs.Invalid, "configfile: reload rejected")

// An Update is what a reload is about to change, or has changed.
type Update struct {
	Old, New *Tree
	Changes  []Change // of Old.Diff(New), not empty
}

// ReloadOptions say how a [Reloader] works. The zero value reads nothing.
type ReloadOptions struct {
	Load     Options       // what is read; Environ nil is os.Environ at each time
	Interval time.Duration // between two looks of Run; 0 means 30 s
	Logger   *slog.Logger  // gets a line for each change and each rejected one of Run; nil logs nothing
}

const (
	defaultInterval = 30 * time.Second
	maxBackoff      = 10 // intervals
	settle          = 500 * time.Millisecond
	settleTries     = 20
)

// A Reloader holds the current [Tree] and replaces it by a new one when the
// sources change and nobody objects. A tree and the sections decoded from it
// change together, in one step, and only as a whole. It is safe for concurrent use;
// NewReloader returns one.
type Reloader struct {
	o       ReloadOptions
	busy    chan struct{} // holds a token while a reload or Follow is going on
	current atomic.Pointer[snapshot]
	decode  []func(*Tree) (any, error) // of the followed sections; guarded by busy

	mu     sync.Mutex
	before []*func(context.Context, Update) error
	after  []*func(context.Context, Update)
}

// A snapshot is what is in force at one time. It does not change.
type snapshot struct {
	tree     *Tree
	sections []any // of the type *T of the Live[T] that has the index
}

// NewReloader loads the configuration for the first time; its errors are those of Load.
// It starts nothing: call Run, or Reload when told to, as on SIGHUP.
func NewReloader(ctx context.Context, o ReloadOptions) (*Reloader, error) {
	if o.Interval < 0 {
		return nil, config.ErrValue.Wrap(nil, "configfile: Interval %v is negative; 0 means 30s", o.Interval)
	}
	if o.Interval == 0 {
		o.Interval = defaultInterval
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	tree, err := Load(ctx, o.Load)
	if err != nil {
		return nil, err
	}
	o.Load.known = tree.known // Sections may be decoded into from now on
	r := &Reloader{o: o, busy: make(chan struct{}, 1)}
	r.current.Store(&snapshot{tree: tree})
	return r, nil
}

// Current returns the tree in force. It waits for nobody.
func (r *Reloader) Current() *Tree { return r.current.Load().tree }

// Before registers a function that is asked before a change is made: an error, or a
// panic, of any of them keeps the old configuration, so it must have no effect
// yet. They are called one after the other, all of them, in the order in which they
// were registered, with the context of the reload; cancel ends that.
// fn may call cancel and Current, but not Reload or [Follow].
func (r *Reloader) Before(fn func(ctx context.Context, u Update) error) (cancel func()) {
	return subscribe(&r.mu, &r.before, &fn)
}

// After registers a function that is told after a change was made. It is
// otherwise as Before; a panic is reported, and changes nothing.
func (r *Reloader) After(fn func(ctx context.Context, u Update)) (cancel func()) {
	return subscribe(&r.mu, &r.after, &fn)
}

func subscribe[F any](mu *sync.Mutex, list *[]*F, fn *F) (cancel func()) {
	mu.Lock()
	defer mu.Unlock()
	*list = append(slices.Clip(*list), fn) // a copy: a reload may be walking over the old one
	return func() {
		mu.Lock()
		defer mu.Unlock()
		*list = slices.DeleteFunc(slices.Clone(*list), func(f *F) bool { return f == fn })
	}
}

// Reload reads the sources and puts what they say now in force, and returns
// what changed, nil if nothing did. What cannot be loaded or decoded and what a
// Before objects to is an error that matches ErrReload, and changes nothing. One
// that comes with changes is a panic of an After: the changes are in force.
//
// It waits for a reload that is going on. Cancelling ctx ends the wait, is passed
// on to the functions that are asked, and does not undo a change.
func (r *Reloader) Reload(ctx context.Context) ([]Change, error) {
	return r.reload(ctx, func(ctx context.Context) (*Tree, error) { return Load(ctx, r.o.Load) })
}

// Run reloads whenever it finds the sources changed, until ctx ends; then it
// returns nil. It compares what they say, not their times, every Interval. A
// change counts when two readings, half a second apart, agree: files that are
// being written or replaced, by whatever way of an editor, are left alone until they
// are complete. After a rejected change the pause doubles, up to ten intervals, and the
// change is tried again.
func (r *Reloader) Run(ctx context.Context) error {
	pause := r.o.Interval
	for wait(ctx, pause) {
		changes, err := r.reload(ctx, r.settled)
		if len(changes) > 0 {
			r.o.Logger.InfoContext(ctx, "configuration changed", "changes", changes)
		}
		switch {
		case len(changes) > 0 && err != nil:
			r.o.Logger.ErrorContext(ctx, "configuration changed, but not everything follows", "error", err)
			pause = r.o.Interval
		case err == nil:
			pause = r.o.Interval
		case ctx.Err() == nil:
			pause = min(2*pause, maxBackoff*r.o.Interval)
			r.o.Logger.WarnContext(ctx, "configuration not reloaded", "error", err, "next", pause)
		}
	}
	return nil
}

// wait reports whether d passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// settled loads until two readings agree, or the first one changes nothing.
func (r *Reloader) settled(ctx context.Context) (*Tree, error) {
	last, err := Load(ctx, r.o.Load)
	if err == nil && len(r.Current().Diff(last)) == 0 {
		return last, nil
	}
	for range settleTries {
		if !wait(ctx, settle) {
			return nil, context.Cause(ctx)
		}
		next, nextErr := Load(ctx, r.o.Load)
		switch {
		case err == nil && nextErr == nil && len(last.Diff(next)) == 0:
			return next, nil
		case err != nil && nextErr != nil && err.Error() == nextErr.Error():
			return nil, nextErr
		}
		last, err = next, nextErr
	}
	return nil, errors.New("the sources change faster than they can be read")
}

func (r *Reloader) reload(ctx context.Context, load func(context.Context) (*Tree, error)) ([]Change, error) {
	if err := r.lock(ctx); err != nil {
		return nil, ErrReload.Wrap(err, "configfile: reload")
	}
	defer r.unlock()
	tree, err := load(ctx)
	if err != nil {
		return nil, ErrReload.Wrap(err, "configfile: reload")
	}
	old := r.current.Load()
	u := Update{Old: old.tree, New: tree, Changes: old.tree.Diff(tree)}
	if len(u.Changes) == 0 { // but where values stand may have
		r.current.Store(&snapshot{tree: tree, sections: old.sections})
		return nil, nil
	}
	next, err := r.snapshot(tree)
	if err == nil {
		err = r.ask(ctx, u)
	}
	if err != nil {
		return nil, ErrReload.Wrap(err, "configfile: reload")
	}
	r.current.Store(next)
	if err := r.tell(ctx, u); err != nil {
		return u.Changes, ErrReload.Wrap(err, "configfile: after a reload")
	}
	return u.Changes, nil
}

func (r *Reloader) lock(ctx context.Context) error {
	if ctx.Err() == nil {
		select {
		case r.busy <- struct{}{}:
			return nil
		case <-ctx.Done():
		}
	}
	return context.Cause(ctx)
}

func (r *Reloader) unlock() { <-r.busy }

// snapshot decodes every followed section of tree; all problems are returned.
func (r *Reloader) snapshot(tree *Tree) (*snapshot, error) {
	s := &snapshot{tree: tree, sections: make([]any, len(r.decode))}
	problems := make([]error, len(r.decode))
	for i, decode := range r.decode {
		s.sections[i], problems[i] = decode(tree)
	}
	return s, errors.Join(problems...)
}

// ask calls the Before functions with what each may keep.
func (r *Reloader) ask(ctx context.Context, u Update) error {
	r.mu.Lock()
	all := r.before
	r.mu.Unlock()
	var problems []error
	for _, fn := range all {
		problems = append(problems, errs.Catch(func() error { return (*fn)(ctx, u.copy()) }))
	}
	return errors.Join(problems...)
}

func (r *Reloader) tell(ctx context.Context, u Update) error {
	r.mu.Lock()
	all := r.after
	r.mu.Unlock()
	var problems []error
	for _, fn := range all {
		problems = append(problems, errs.Catch(func() error { (*fn)(ctx, u.copy()); return nil }))
	}
	return errors.Join(problems...)
}

func (u Update) copy() Update {
	u.Changes = slices.Clone(u.Changes)
	return u
}
