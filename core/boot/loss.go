package boot

import (
	"context"
	"errors"
	"log/slog"
	"maps"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/core/container"
)

// lose withdraws the services of a provider that is down.
func (a *App) lose(n *node) {
	a.withdraw(n.down, func(s container.Node) bool { return s.Module == n.module && s.Provider == n.name })
}

// withdraw takes services out of the application, and reports whether there
// were any. A provider that offers one of them, or one that needs them, and has
// booted all the same, limps.
func (a *App) withdraw(cause error, lost func(container.Node) bool) bool {
	gone := a.box.Withdraw(cause, lost)
	for _, s := range gone {
		if n := a.node(s.Module, s.Provider); n != nil && n.limps == nil {
			n.limps = ErrDown.Wrap(cause, "boot: module %q, provider %q: %v is not available", n.module, n.name, s.Key)
		}
	}
	return len(gone) > 0
}

// bear reports whether the application starts although a service could not be
// built: it does if an optional provider offers it.
func (a *App) bear(ctx context.Context, err error) bool {
	failed, ok := errors.AsType[*container.BuildError](err)
	for inner := failed; ok; inner, ok = errors.AsType[*container.BuildError](inner.Err) {
		failed = inner
	}
	if failed == nil || ctx.Err() != nil {
		return false
	}
	n := a.node(failed.Module, failed.Provider)
	if n == nil || !n.optional {
		return false
	}
	a.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "boot: service of an optional provider was not built",
		slog.String("module", n.module), slog.String("provider", n.name), slog.Any("error", err))
	return a.withdraw(failed.Err, func(s container.Node) bool {
		return s.Module == failed.Module && s.Provider == failed.Provider && s.Key == failed.Key
	})
}

// node returns the provider that has this name in errors and graphs, or nil.
func (a *App) node(module, name string) *node {
	for _, wave := range a.waves {
		for _, n := range wave {
			if n.module == module && n.name == name {
				return n
			}
		}
	}
	return nil
}

// shed shuts down optional providers that did not boot. Their errors are Stop's.
func (a *App) shed(ctx context.Context, r *runner) {
	if !a.anyNode(func(n *node) bool { return n.down != nil && n.began }) {
		return
	}
	a.debts = errors.Join(a.debts, a.run(r, shutdownHook(false), "shut down what did not boot"))
}

func (a *App) anyNode(is func(*node) bool) bool {
	for _, wave := range a.waves {
		for _, n := range wave {
			if is(n) {
				return true
			}
		}
	}
	return false
}

// losses returns the health of the providers that the application runs without.
// An optional one that failed is a loss that it can bear; one that is not, and
// needs that one, is not.
func (a *App) losses() map[string]health.Result {
	var all map[string]health.Result
	for _, wave := range a.waves {
		for _, n := range wave {
			r := health.Result{Status: health.Degraded, Message: "did not boot"}
			switch {
			case n.down == nil && n.limps == nil:
				continue
			case n.down == nil && n.bootstrap.err != nil:
				r.Message = "did not bootstrap"
			case n.down == nil:
				r.Message = "a service that it offers is not available"
			case !n.began:
				r.Message = "did not boot: needs " + n.missing().String() + ", which is down"
			}
			if !n.optional {
				r.Status = health.Unhealthy
			}
			if all == nil {
				all = make(map[string]health.Result)
			}
			all[n.String()] = r
		}
	}
	return all
}

// addLosses adds what the application runs without to a report.
func (a *App) addLosses(report *health.Report) {
	lost := a.lost.Load()
	if lost == nil {
		return
	}
	maps.Copy(report.Results, *lost)
	for _, r := range *lost {
		report.Status = health.Worst(report.Status, r.Status)
	}
}
