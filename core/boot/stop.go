package boot

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/container"
)

// rollback shuts down what began, and closes the container.
func (a *App) rollback(ctx context.Context) error {
	r := a.newRunner(ctx)
	defer r.close()
	return errors.Join(a.debts, a.run(r, shutdownHook(true), "rolled back"), a.closeBox(r))
}

// stop is the way down of an application that was ready.
func (a *App) stop(ctx context.Context) error {
	began := time.Now()
	a.linger(ctx)
	r := a.newRunner(ctx)
	defer r.close()
	err := errors.Join(
		a.debts,
		a.run(r, drainHook(), "drained"),
		a.run(r, shutdownHook(true), "shut down"),
		a.closeBox(r),
	)
	level, attrs := slog.LevelInfo, []slog.Attr{slog.Duration("took", time.Since(began))}
	if cause := lifecycle.StopCause(ctx); cause != nil {
		attrs = append(attrs, slog.Any("cause", cause))
	}
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.Any("error", err))
	}
	a.opts.Logger.LogAttrs(ctx, level, "boot: stopped", attrs...)
	return err
}

// linger waits for the delay between readiness going off and the first Drain.
func (a *App) linger(ctx context.Context) {
	if a.hurry == nil {
		return
	}
	a.opts.Logger.LogAttrs(ctx, slog.LevelInfo, "boot: not ready any more; draining after a delay", slog.Duration("delay", a.opts.StopDelay))
	delay := time.NewTimer(a.opts.StopDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
	case <-ctx.Done():
	case <-a.hurry:
	}
	a.hasten()
}

// hasten ends the delay of Stop, also one that has not begun, and reports
// whether it did: there is one delay, and it ends once.
func (a *App) hasten() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hurry == nil || a.hastened {
		return false
	}
	a.hastened = true
	close(a.hurry)
	return true
}

// closeBox releases what the container built, each value with a deadline.
func (a *App) closeBox(r *runner) error {
	var failed []error
	err := a.box.CloseEach(r.ctx, a.opts.ShutdownTimeout, func(v container.Release) error {
		if !v.ByItself || !a.wasStopped(v.Value) {
			n := &node{module: v.Module, name: v.Provider, key: v.Key}
			failed = append(failed, r.runOne(own(Close, false, a.opts.ShutdownTimeout, v.Do), n))
		}
		return nil // it is among failed
	})
	if err != nil {
		err = &HookError{Hook: Close, Err: err}
	}
	return errors.Join(errors.Join(failed...), err)
}

// wasStopped reports whether a service is a provider whose Shutdown was called.
func (a *App) wasStopped(service any) bool {
	return reflect.ValueOf(service).Comparable() && a.anyNode(func(n *node) bool {
		return n.stopped && reflect.ValueOf(n.provider).Comparable() && any(n.provider) == service
	})
}
