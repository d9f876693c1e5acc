package boot

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/container"
	"github.com/lexigram/lexigram-go/core/healthcheck"
)

var (
	_ di.Resolver  = (*App)(nil)
	_ di.Finder    = (*App)(nil)
	_ di.Binder    = (*App)(nil)
	_ di.Collector = (*App)(nil)
	_ di.Scoper    = (*App)(nil)
)

// An App is one application: it is started once and stopped once. [New] makes
// one; the zero value is not usable. It is safe for concurrent use, except that
// Add comes before Start.
type App struct {
	opts    Options
	modules []module.Descriptor
	own     []cli.Contributor
	task    *task // of an application that starts for a command only, or nil
	box     *container.Container
	ready   chan struct{} // closed when the state is Ready
	stopped chan struct{} // closed when the state is Stopped
	started chan struct{} // closed when Start returns
	hurry   chan struct{} // closed to end the delay of Stop; nil if there is none

	// Set by Start, and read when it has ended.
	began  time.Time
	waves  [][]*node // in boot order
	nodes  int
	phases []Phase
	debts  error // of optional providers that were shut down, for Stop to return

	mu        sync.Mutex // guards what follows
	state     State
	overrides []overriding
	cancel    context.CancelCauseFunc // of a running Start
	hastened  bool                    // hurry is closed
	report    Report                  // without hooks; empty while Start runs
	stopErr   error

	checks atomic.Pointer[healthcheck.Registry] // nil until every service is built
	lost   atomic.Pointer[map[string]health.Result]
}

// New returns an application without modules.
func New(o Options) *App {
	a := &App{
		opts: o.withDefaults(), box: container.New(),
		ready: make(chan struct{}), started: make(chan struct{}), stopped: make(chan struct{}),
		phases: make([]Phase, 0, phases),
	}
	if o.StopDelay > 0 {
		a.hurry = make(chan struct{})
	}
	return a
}

// Add appends modules and returns a. Where nothing else decides, modules boot in
// the order in which they were added. Add has no effect once Start was called.
func (a *App) Add(modules ...module.Descriptor) *App {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state == Created {
		a.modules = append(a.modules, modules...)
	}
	return a
}

// State says how far the application is.
func (a *App) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// Ready returns a channel that is closed when the application is ready. It stays
// open if the start fails: select on [App.Done] too.
func (a *App) Ready() <-chan struct{} { return a.ready }

// Done returns a channel that is closed when the application is Stopped: after
// a Stop, and after a start that failed, once that was rolled back.
func (a *App) Done() <-chan struct{} { return a.stopped }

// Resolve returns a service that modules export, for main and for tests; see
// [container.Container.Resolve]. It works while the application starts, as far
// as what it needs is up, and until it has stopped.
func (a *App) Resolve(ctx context.Context, key di.Key) (any, error) { return a.box.Resolve(ctx, key) }

// Has reports whether modules export a service under key.
func (a *App) Has(key di.Key) (bool, error) { return a.box.Has(key) }

// Bind replaces the value of a singleton that modules export; see [di.Binder].
func (a *App) Bind(key di.Key, value any) error { return a.box.Bind(key, value) }

// Collect returns every exported service of a type, by name.
func (a *App) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	return a.box.Collect(ctx, typ)
}

// NewScope opens a scope of the exported services; the caller closes it.
func (a *App) NewScope() di.Scope { return a.box.NewScope() }

// Graph returns who registered which service and who needs it; it is empty
// before Start and after Stop.
func (a *App) Graph() container.Graph { return a.box.Graph() }

// Start brings the application up and returns when it is ready. ctx bounds the
// start only. On an error everything that began was shut down again, the
// application is Stopped, and the error names module, provider and hook of
// every failure ([*HookError]); problems of the configuration (config.KeyError)
// and of the graph ([*container.Problem]) are all reported at once, before
// anything boots. The failure of a [lifecycle.Optional] provider is no error:
// it is logged, and [App.Health] and [App.Report] tell it. A second Start is
// [ErrState].
func (a *App) Start(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.mu.Lock()
	if a.state != Created {
		defer a.mu.Unlock()
		return ErrState.Wrap(nil, "boot: start an application that is %v: one App starts once", a.state)
	}
	a.state, a.cancel, a.began = Starting, cancel, time.Now()
	a.mu.Unlock()
	defer close(a.started)
	defer a.abandoned(ctx)

	err := a.start(ctx)
	if err = a.becomeReady(ctx, err); err != nil {
		cause := err
		if ctx.Err() != nil {
			cause = context.Cause(ctx)
			if !errors.Is(err, cause) {
				err = errors.Join(err, cause)
			}
		}
		a.opts.Logger.InfoContext(ctx, "boot: start failed", slog.Duration("took", a.report.Took), slog.Any("error", err))
		err = errors.Join(err, a.rollback(lifecycle.WithStopCause(context.WithoutCancel(ctx), cause)))
		a.setStopped(nil)
		return err
	}
	if a.opts.Logger.Enabled(ctx, slog.LevelInfo) {
		attrs := []slog.Attr{slog.Int("modules", len(a.modules)), slog.Int("providers", a.nodes), slog.Duration("took", a.report.Took)}
		a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: ready", append(attrs, a.Report().summary()...)...)
	}
	return nil
}

// abandoned rolls back a start that did not return: a Register called runtime.Goexit,
// as the FailNow of a test does, or a logger panicked.
func (a *App) abandoned(ctx context.Context) {
	if a.State() != Starting {
		return
	}
	defer a.setStopped(nil)
	_ = a.rollback(lifecycle.WithStopCause(context.WithoutCancel(ctx), errExited)) // there is nobody to tell
}

// becomeReady ends a start that failed with err or, if that is nil, when Stop
// came in between.
func (a *App) becomeReady(ctx context.Context, err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil && ctx.Err() != nil {
		err = Err.Wrap(context.Cause(ctx), "boot: start")
	}
	a.report = Report{Took: max(time.Since(a.began), 1), Phases: a.phases}
	if err == nil {
		a.state = Ready
		close(a.ready)
	}
	return err
}

func (a *App) setStopped(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state, a.stopErr = Stopped, err
	close(a.stopped)
}

// Stop takes the application down: readiness is off at once, then, after
// [Options].StopDelay, providers drain, then they shut down, then the container
// releases what it built. Every hook is called and every error returned, joined;
// among them are those of optional providers that were shut down because they
// did not boot. When ctx ends, hooks have [Options].Grace to return. Hooks learn
// why the application stops if ctx says so ([lifecycle.WithStopCause]). Before Start it does nothing; during Start it ends the start and
// returns when that was rolled back. A second Stop waits for the first and
// returns what it returned; after a failed start it returns nil.
func (a *App) Stop(ctx context.Context) error {
	a.mu.Lock()
	if a.state == Starting {
		a.cancel(ErrStopped)
		a.mu.Unlock()
		if err := await(ctx, a.started); err != nil {
			return err
		}
		a.mu.Lock()
	}
	switch a.state {
	case Created:
		a.mu.Unlock()
		return nil
	case Ready:
		a.state = Stopping
		a.mu.Unlock()
		err := a.stop(ctx)
		a.setStopped(err)
		return err
	default:
		a.mu.Unlock()
		if err := await(ctx, a.stopped); err != nil {
			return err
		}
		return a.stopErr // does not change once stopped is closed
	}
}

func await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return Err.Wrap(context.Cause(ctx), "boot: stop: waiting for another call")
	}
}
