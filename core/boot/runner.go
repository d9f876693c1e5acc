package boot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/core/container"
)

// A runner calls the hooks of many providers, those whose turn it is at the
// same time. Whoever ends a hook decides what begins next, and runs one of these
// itself: a chain of hooks needs one goroutine. The caller of run keeps the
// time, with one timer for all deadlines, and closes the runner.
type runner struct {
	ctx    context.Context    // its end ends every hook's context
	values *container.Shelter // ctx without its end
	log    *slog.Logger
	debug  bool
	grace  time.Duration
	app    *App
	work   chan *call    // to idle workers
	quiet  chan struct{} // has a token when nothing runs any more

	mu      sync.Mutex // guards what follows, and the nodes
	hook    *hook
	idle    int     // workers that wait for work, or are about to
	ready   []*call // that begin once what made them ready is done
	running []*call // includes ready
	unused  []call
	timer   *time.Timer
	wake    time.Time // when timer fires; zero if it does not
	failed  bool
	errs    []error
}

func (a *App) newRunner(ctx context.Context) *runner {
	room := make([]*call, 2*few)
	return &runner{
		ready: room[:0:few], running: room[few:few:len(room)],
		ctx: ctx, values: container.NewShelter(context.WithoutCancel(ctx)), log: a.opts.Logger, grace: a.opts.Grace, app: a,
		debug: a.opts.Logger.Enabled(ctx, slog.LevelDebug), work: make(chan *call), quiet: make(chan struct{}, 1),
	}
}

// run calls the hook of every node, wave by wave, and returns every error. A
// strict hook's first error keeps the rest from being called; those that run
// are cancelled and waited for.
func (r *runner) run(h hook, waves [][]*node) error {
	r.begin(h)
	for i := range waves {
		wave := waves[i]
		if h.reverse {
			wave = waves[len(waves)-1-i]
		}
		r.mu.Lock()
		for _, n := range wave {
			n.pending = r.before(n)
		}
		for j := range wave {
			n := wave[j]
			if h.reverse {
				n = wave[len(wave)-1-j]
			}
			if n.pending == 0 {
				r.turn(n)
			}
		}
		if r.dispatchAndWait(); r.failed && h.strict {
			break
		}
	}
	return errors.Join(r.errs...)
}

// runEach calls the hook of one node after the other.
func (r *runner) runEach(h hook, waves [][]*node) error {
	r.begin(h)
	for _, wave := range waves {
		for _, n := range wave {
			r.mu.Lock()
			n.pending = -1 // nobody waits for another one
			r.turn(n)
			if r.dispatchAndWait(); r.failed {
				return errors.Join(r.errs...)
			}
		}
	}
	return nil
}

// runOne calls the hook of one node.
func (r *runner) runOne(h hook, n *node) error {
	r.begin(h)
	r.mu.Lock()
	r.turn(n)
	r.dispatchAndWait()
	return errors.Join(r.errs...)
}

func (r *runner) begin(h hook) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hook, r.failed, r.errs = &h, false, nil
}

// before counts the nodes of n's own wave that come before n.
func (r *runner) before(n *node) int {
	count := 0
	for _, b := range r.first(n) {
		if b.wave == n.wave {
			count++
		}
	}
	return count
}

func (r *runner) first(n *node) []*node {
	if r.hook.reverse {
		return n.neededBy
	}
	return n.needs
}

func (r *runner) next(n *node) []*node {
	if r.hook.reverse {
		return n.needs
	}
	return n.neededBy
}

// turn makes n's hook ready, or passes on if it has none or must not boot.
func (r *runner) turn(n *node) {
	n.pending = -1
	if r.hook.strict && (r.failed || r.ctx.Err() != nil) {
		if !r.failed {
			r.failed = true
			r.errs = append(r.errs, Err.Wrap(context.Cause(r.ctx), "boot: %s", r.hook.stage))
		}
		return
	}
	if r.hook.stage == Boot {
		if m := n.missing(); m != nil {
			r.skip(n, m)
			return
		}
	}
	if !r.hook.turn(n) {
		r.pass(n)
		return
	}
	now := time.Now()
	c := r.newCall()
	c.node, c.hook, c.started = n, r.hook, now
	c.Context, c.deadline = r.values, r.deadline(n, now)
	if err := r.ctx.Err(); err != nil {
		r.cut(c, err, now)
	}
	r.running = append(r.running, c)
	r.ready = append(r.ready, c)
	r.arm(c.wakeAt())
}

// newCall returns a call that nobody has used: whoever kept the context of a
// hook must not find it alive again.
func (r *runner) newCall() *call {
	if len(r.unused) == 0 {
		r.unused = make([]call, few)
	}
	c := &r.unused[0]
	r.unused = r.unused[1:]
	return c
}

// skip does without n, because m is down.
func (r *runner) skip(n, m *node) {
	n.down = ErrDown.Wrap(m.down, "boot: module %q, provider %q, needs module %q, provider %q", n.module, n.name, m.module, m.name)
	r.log.LogAttrs(r.ctx, slog.LevelWarn, "boot: provider does not boot: it needs one that failed",
		slog.String("module", n.module), slog.String("provider", n.name), slog.String("needs", m.String()))
	r.app.lose(n)
	r.pass(n)
}

// pass lets those begin that waited for n.
func (r *runner) pass(n *node) {
	for _, next := range r.next(n) {
		if next.wave != n.wave || next.pending < 0 {
			continue
		}
		if next.pending--; next.pending == 0 {
			r.turn(next)
		}
	}
}

// dispatch hands what is ready to workers.
func (r *runner) dispatch() {
	for _, c := range r.ready {
		if r.idle > 0 {
			r.idle--
			r.work <- c // an idle worker takes it without r.mu
		} else {
			go r.worker(c)
		}
	}
	r.ready = r.ready[:0]
}

// dispatchAndWait hands out what is ready and returns when nothing runs. The
// caller holds r.mu, which is unlocked.
func (r *runner) dispatchAndWait() {
	r.dispatch()
	busy := len(r.running) > 0
	r.mu.Unlock()
	done := r.ctx.Done()
	for busy {
		select {
		case <-r.quiet:
			return
		case <-r.timer.C: // not nil: a call that runs has a deadline
			if busy = r.expire(time.Now()); !busy {
				select {
				case <-r.quiet: // the last call ended meanwhile
				default:
				}
			}
		case <-done:
			done = nil
			r.cutAll(r.ctx.Err())
		}
	}
}

// done takes the result of a call, and returns the call that the worker, if it
// lives, goes on with.
func (r *runner) done(c *call, lives bool) *call {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !c.left { // else it was reported
		c.end(context.Canceled)
		r.finish(c, c.result)
	}
	var next *call
	if len(r.ready) > 0 {
		next = r.ready[0]
		r.ready = append(r.ready[:0], r.ready[1:]...)
		r.dispatch()
	} else if lives {
		r.idle++
	}
	if !c.left && len(r.running) == 0 {
		r.quiet <- struct{}{}
	}
	return next
}

// finish notes the outcome of a call and lets others begin.
func (r *runner) finish(c *call, err error) {
	r.remove(c)
	c.took = time.Since(c.started)
	r.tell(c, err)
	fault := c.fault(err)
	if c.hook.timing != nil {
		*c.hook.timing(c.node) = timing{c.started, c.took, fault}
	}
	switch {
	case fault == nil:
	case r.spared(c, fault):
	case r.failed && c.hook.strict && c.cancelled(err): // another one failed
	default:
		r.errs = append(r.errs, fault)
		if !r.failed && c.hook.strict {
			r.failed = true
			r.cutRunning(context.Canceled)
		}
	}
	r.pass(c.node)
}

// spared reports whether the application starts although a hook failed: that
// of an optional provider, unless the whole start has ended.
func (r *runner) spared(c *call, fault error) bool {
	n := c.node
	if !c.hook.strict || !n.optional || r.failed || r.over() {
		return false
	}
	attrs := []slog.Attr{slog.String("module", n.module), slog.String("provider", n.name), slog.Any("error", fault)}
	if c.hook.stage == Boot {
		n.down = fault
		r.log.LogAttrs(r.ctx, slog.LevelWarn, "boot: optional provider did not boot", attrs...)
		r.app.lose(n)
	} else {
		n.limps = fault
		r.log.LogAttrs(r.ctx, slog.LevelWarn, "boot: optional provider did not bootstrap", attrs...)
	}
	return true
}

// over reports whether the runner's context has ended, or is just about to: its
// deadline and that of a hook may be the same.
func (r *runner) over() bool {
	deadline, ok := r.ctx.Deadline()
	return r.ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

// tell logs one hook.
func (r *runner) tell(c *call, err error) {
	if !r.debug {
		return
	}
	attrs := []slog.Attr{slog.String("module", c.node.module), slog.String("provider", c.node.name), slog.Duration("took", c.took)}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	r.log.LogAttrs(r.ctx, slog.LevelDebug, "boot: "+string(c.hook.stage), attrs...)
}

func (r *runner) remove(c *call) {
	for i, other := range r.running {
		if other == c {
			r.running = append(r.running[:i], r.running[i+1:]...)
			return
		}
	}
}

// close lets the workers go.
func (r *runner) close() {
	close(r.work)
	r.values.End()
	if r.timer != nil {
		r.timer.Stop()
	}
}
