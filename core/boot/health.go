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
// is always Healthy: a process that answers is alive.
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
	return report
}
