package boot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A runner calls the hooks of many providers, those whose turn it is at the
// same time. One goroutine, the caller of run, decides everything; it has one
// timer for all deadlines, and uses its workers again. The caller closes it.
type runner struct {
	hook    hook
	ctx     context.Context // its end ends every hook's context
	values  context.Context // ctx without its end
	log     *slog.Logger
	debug   bool
	grace   time.Duration
	results chan *call // holds all calls, so that one given up can still end
	work    chan *call // to idle workers
	workers int        // that are idle
	running []*call
	timer   *time.Timer
	wake    time.Time // when timer fires; zero if it does not
	failed  bool
	errs    []error
}

// A call is one running hook.
type call struct {
	hookContext
	node    *node
	fn      func(context.Context) error
	started time.Time
	result  error
	expired bool      // its deadline passed
	ended   bool      // its context was ended while it ran
	giveUp  time.Time // when it is abandoned, if ended
	left    bool      // abandoned
}

func newRunner(ctx context.Context, o *Options, size int) *runner {
	return &runner{
		ctx: ctx, values: context.WithoutCancel(ctx), log: o.Logger, grace: o.Grace,
		debug: o.Logger.Enabled(ctx, slog.LevelDebug), results: make(chan *call, size), work: make(chan *call),
	}
}

// run calls the hook of every node, wave by wave, and returns every error. A
// strict hook's first error keeps the rest from being called; those that run
// are cancelled and waited for.
func (r *runner) run(h hook, waves [][]*node) error {
	r.hook, r.failed, r.errs = h, false, nil
	for i := range waves {
		wave := waves[i]
		if r.hook.reverse {
			wave = waves[len(waves)-1-i]
		}
		for _, n := range wave {
			n.pending = r.before(n, wave)
		}
		for j := range wave {
			n := wave[j]
			if r.hook.reverse {
				n = wave[len(wave)-1-j]
			}
			if n.pending == 0 {
				r.turn(n)
			}
		}
		r.wait()
		if r.failed && r.hook.strict {
			break
		}
	}
	return errors.Join(r.errs...)
}

// runEach calls the hook of one node after the other.
func (r *runner) runEach(h hook, waves [][]*node) error {
	r.hook, r.failed, r.errs = h, false, nil
	for _, wave := range waves {
		for _, n := range wave {
			n.pending = -1 // nobody waits for another one
			r.turn(n)
			r.wait()
			if r.failed {
				return errors.Join(r.errs...)
			}
		}
	}
	return nil
}

// before counts the nodes of n's own wave that come before n.
func (r *runner) before(n *node, wave []*node) int {
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

// turn calls n's hook, or passes on if it has none.
func (r *runner) turn(n *node) {
	n.pending = -1
	if r.hook.strict && (r.failed || r.ctx.Err() != nil) {
		if !r.failed {
			r.failed = true
			r.errs = append(r.errs, Err.Wrap(context.Cause(r.ctx), "boot: %s", r.hook.name))
		}
		return
	}
	fn := r.hook.of(n)
	if fn == nil {
		r.pass(n)
		return
	}
	now := time.Now()
	c := &call{node: n, fn: fn, started: now, hookContext: hookContext{Context: r.values, deadline: r.deadline(n, now)}}
	if err := r.ctx.Err(); err != nil {
		r.cut(c, err, now)
	}
	r.running = append(r.running, c)
	r.arm(c.wakeAt())
	r.hand(c)
}

// hand gives a call to an idle worker, or to a new one.
func (r *runner) hand(c *call) {
	if r.workers > 0 {
		r.workers--
		r.work <- c
		return
	}
	go r.worker(c)
}

// worker runs c, and then what it is handed until the runner closes.
func (r *runner) worker(c *call) {
	for ok := true; ok; c, ok = <-r.work {
		c.run(r.results)
	}
}

// close lets the workers go.
func (r *runner) close() {
	close(r.work)
	if r.timer != nil {
		r.timer.Stop()
	}
}

func (r *runner) deadline(n *node, now time.Time) time.Time {
	d := now.Add(r.hook.limit(n))
	if own, ok := r.ctx.Deadline(); ok && own.Before(d) {
		return own
	}
	return d
}

// errExited is a hook that called runtime.Goexit.
var errExited = errors.New("the hook ended its goroutine")

func (c *call) run(results chan<- *call) {
	c.result = errExited
	defer func() { results <- c }()
	c.result = errs.Catch(func() error { return c.fn(c) })
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

// wait returns when nothing runs.
func (r *runner) wait() {
	done := r.ctx.Done()
	for len(r.running) > 0 {
		var fired <-chan time.Time
		if r.timer != nil {
			fired = r.timer.C
		}
		select {
		case c := <-r.results:
			r.finish(c)
		case <-fired:
			r.wake = time.Time{}
			r.expire(time.Now())
		case <-done:
			done = nil
			r.cutAll(r.ctx.Err())
		}
	}
}

// finish takes the result of a call.
func (r *runner) finish(c *call) {
	if c.result != errExited {
		r.workers++ // it waits for work, or is about to
	}
	if c.left {
		return // it was reported
	}
	c.end(context.Canceled)
	r.remove(c)
	took := time.Since(c.started)
	r.report(c, took, c.result)
	if c.result == nil || !r.hook.strict {
		r.pass(c.node)
	}
}

// report notes the outcome of a call.
func (r *runner) report(c *call, took time.Duration, err error) {
	if r.debug {
		attrs := []slog.Attr{slog.String("module", c.node.module), slog.String("provider", c.node.name), slog.Duration("took", took)}
		if err != nil {
			attrs = append(attrs, slog.Any("error", err))
		}
		r.log.LogAttrs(r.ctx, slog.LevelDebug, "boot: "+r.hook.name, attrs...)
	}
	if err == nil {
		return
	}
	if c.expired {
		err = &expiredError{after: c.deadline.Sub(c.started), err: err}
	}
	// Those that were cancelled because another one failed only say so.
	if r.failed && r.hook.strict && c.ended && !c.expired && errors.Is(err, context.Canceled) {
		return
	}
	r.errs = append(r.errs, &HookError{Module: c.node.module, Provider: c.node.name, Hook: r.hook.name, Took: took, Err: err})
	if !r.failed && r.hook.strict {
		r.failed = true
		r.cutAll(context.Canceled)
	}
}

func (r *runner) remove(c *call) {
	for i, other := range r.running {
		if other == c {
			r.running = append(r.running[:i], r.running[i+1:]...)
			return
		}
	}
}
