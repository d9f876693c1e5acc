package boot

import (
	"context"
	"errors"
	"maps"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// lose withdraws the services of a provider that is down.
func (a *App) lose(n *node) { a.box.Withdraw(n.module, n.name, n.down) }

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
			case n.down == nil:
				r.Message = "did not bootstrap"
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
