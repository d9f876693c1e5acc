package boot

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
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
	box     *container.Container
	waves   [][]*node // in boot order; set by Start
	nodes   int

	mu      sync.Mutex // guards what follows
	state   State
	cancel  context.CancelCauseFunc // of a running Start
	started chan struct{}           // closed when Start returns
	stopped chan struct{}           // closed when the state is Stopped
	stopErr error

	checks atomic.Pointer[healthcheck.Registry] // nil until every service is built
}

// New returns an application without modules.
func New(o Options) *App {
	return &App{
		opts: o.withDefaults(), box: container.New(),
		started: make(chan struct{}), stopped: make(chan struct{}),
	}
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
// anything boots. A second Start is [ErrState].
func (a *App) Start(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a.mu.Lock()
	if a.state != Created {
		defer a.mu.Unlock()
		return ErrState.Wrap(nil, "boot: start an application that is %v: one App starts once", a.state)
	}
	a.state, a.cancel = Starting, cancel
	a.mu.Unlock()
	defer close(a.started)

	began := time.Now()
	err := a.start(ctx)
	if err == nil {
		err = a.becomeReady(ctx)
	}
	if err != nil {
		a.opts.Logger.InfoContext(ctx, "boot: start failed", slog.Duration("took", time.Since(began)), slog.Any("error", err))
		err = errors.Join(err, a.rollback(context.WithoutCancel(ctx)))
		a.setStopped(nil)
		return err
	}
	a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: ready", slog.Int("modules", len(a.modules)),
		slog.Int("providers", a.nodes), slog.Duration("took", time.Since(began)))
	return nil
}

// becomeReady fails if Stop came in between.
func (a *App) becomeReady(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return Err.Wrap(context.Cause(ctx), "boot: start")
	}
	a.state = Ready
	return nil
}

func (a *App) setStopped(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state, a.stopErr = Stopped, err
	close(a.stopped)
}

// Stop takes the application down: readiness is off at once, then providers
// drain, then they shut down, then the container closes. Every hook is called
// and every error returned, joined. When ctx ends, hooks have [Options].Grace to
// return. Before Start it does nothing; during Start it ends the start and
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
