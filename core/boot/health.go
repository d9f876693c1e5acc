package boot

import (
	"context"
	"maps"

	"github.com/lexigram/lexigram-go/contracts/health"
)

// Health asks the checks of every module, exported or not, that take part in
// probe. The result "application" is the application's own: for readiness and
// startup it is Starting until Start has returned; for readiness Unhealthy from
// the moment that Stop is called, without asking anything else. For liveness it
// is always Healthy: a process that answers is alive. In readiness, a provider
// that the application runs without (see [lifecycle.Optional]) is a result too, under
// "module/provider": Degraded if it is optional, Unhealthy if it is not and needs
// one that failed. The checks that it registered are not asked.
func (a *App) Health(ctx context.Context, probe health.Probe) health.Report {
	state, own := a.State(), health.Result{Status: health.Healthy}
	switch {
	case probe == health.Liveness:
	case state < Ready:
		own = health.Result{Status: health.Starting, Message: "application is " + state.String()}
	case state > Ready:
		own = health.Result{Status: health.Unhealthy, Message: "application is " + state.String()}
	}
	report := health.Report{Status: own.Status, Results: map[string]health.Result{"application": own}}
	if checks := a.checks.Load(); checks != nil && own.Status == health.Healthy {
		r := checks.Run(ctx, probe)
		report.Status = health.Worst(own.Status, r.Status)
		maps.Copy(report.Results, r.Results)
	}
	if probe == health.Readiness && state >= Ready {
		a.addLosses(&report)
	}
	return report
}
