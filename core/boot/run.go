package boot

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func defaultSignals() []os.Signal { return []os.Signal{syscall.SIGINT, syscall.SIGTERM} }

// Run starts the application, waits for a signal or the end of ctx, and stops
// it. It returns nil after a clean stop, and otherwise every error of start or
// stop. A signal while it starts ends the start, which then fails. A second
// signal makes Run return at once, with an error that includes [ErrImpatient],
// although hooks may still run: the process is expected to exit.
func (a *App) Run(ctx context.Context) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, a.opts.Signals...)
	defer signal.Stop(signals)

	startCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	outcome := make(chan error, 1)
	go func() { outcome <- a.Start(startCtx) }()
	got := 0
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
			cancel(ErrStopped.Wrap(nil, "boot: %v", s))
		}
	}
	if got == 0 {
		select {
		case s := <-signals:
			a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: stopping", slog.String("signal", s.String()))
		case <-ctx.Done():
			a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: stopping", slog.Any("cause", context.Cause(ctx)))
		}
	}
	go func() { outcome <- a.Stop(context.WithoutCancel(ctx)) }()
	select {
	case err := <-outcome:
		return err
	case s := <-signals:
		return a.impatient(ctx, s)
	}
}

func (a *App) impatient(ctx context.Context, s os.Signal) error {
	a.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "boot: ended by a second signal", slog.String("signal", s.String()), slog.String("state", a.State().String()))
	return ErrImpatient.Wrap(nil, "boot: second signal (%v) while %v", s, a.State())
}
