package boot

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
)

// Run starts the application, waits for a signal, the end of ctx or the failure
// of a [lifecycle.Failer], and stops it. It returns nil after a clean stop, and
// otherwise every error of start or stop, in which a failure is included. Drain
// and Shutdown learn the reason: [lifecycle.StopCause] is the signal
// ([lifecycle.Signaled]), the cause of ctx's end, or an [ErrFailed] that names
// the provider.
//
// A signal while it starts ends the start, which then fails. A second signal
// ends [Options].StopDelay, if that runs; otherwise it makes Run return at once,
// with an error that includes [ErrImpatient], although hooks may still run: the
// process is expected to exit.
func (a *App) Run(ctx context.Context) error {
	signals := make(chan os.Signal, 2)
	if len(a.opts.Signals) > 0 { // of none, Notify would send all, and Go's own scheduler sends some
		signal.Notify(signals, a.opts.Signals...)
	}
	defer signal.Stop(signals)

	startCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcome := make(chan error, 1)
	go func() { outcome <- a.Start(startCtx) }()
	got := 0
	var cause error
	for started := false; !started; {
		select {
		case err := <-outcome:
			if err != nil {
				return err
			}
			started = true
		case s := <-signals:
			if got++; got > 1 {
				return a.impatient(ctx, s)
			}
			cause = lifecycle.Signaled{Signal: s}
			cancel(ErrStopped.Wrap(cause, "boot"))
		}
	}
	if cause == nil {
		var s os.Signal
		if cause, s = a.reason(ctx, signals); s != nil {
			got++
		}
	}
	a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: stopping", slog.Any("cause", cause))
	go func() { outcome <- a.Stop(lifecycle.WithStopCause(context.WithoutCancel(ctx), cause)) }()
	for {
		select {
		case err := <-outcome:
			return err
		case s := <-signals:
			if got++; got > 1 && !a.hasten() {
				return a.impatient(ctx, s)
			}
			a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: stopping already", slog.String("signal", s.String()))
		}
	}
}

// reason waits until there is one to stop, and returns it, with the signal if that is
// it. The cause of ctx may be a signal too, which then comes here as well.
func (a *App) reason(ctx context.Context, signals <-chan os.Signal) (error, os.Signal) {
	failed, stop := make(chan *node), make(chan struct{})
	var watchers sync.WaitGroup
	defer watchers.Wait()
	defer close(stop)
	for _, wave := range a.waves {
		for _, n := range wave {
			if f, ok := n.provider.(lifecycle.Failer); ok && n.began && n.down == nil {
				watchers.Go(func() { n.watch(f.Failed(), failed, stop) })
			}
		}
	}
	select {
	case s := <-signals:
		return lifecycle.Signaled{Signal: s}, s
	case <-ctx.Done():
		return context.Cause(ctx), nil
	case n := <-failed:
		return ErrFailed.Wrap(nil, "boot: module %q, provider %q failed", n.module, n.name), nil
	}
}

// watch sends n when it has failed, until stop is closed.
func (n *node) watch(ended <-chan struct{}, failed chan<- *node, stop <-chan struct{}) {
	select {
	case <-ended:
	case <-stop:
		return
	}
	select {
	case failed <- n:
	case <-stop:
	}
}

func (a *App) impatient(ctx context.Context, s os.Signal) error {
	a.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "boot: ended by a second signal", slog.String("signal", s.String()), slog.String("state", a.State().String()))
	return ErrImpatient.Wrap(nil, "boot: second signal (%v) while %v", s, a.State())
}
