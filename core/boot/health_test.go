package boot_test

import (
	"context"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/boot"
)

func TestHealth(t *testing.T) {
	var probed []health.Status
	a := boot.New(boot.Options{})
	checker := &fake{name: "db", diary: &diary{}, wave: lifecycle.Normal, register: func(r di.Registrar) error {
		return di.Value(r, health.Check{Name: "db", Checker: health.CheckerFunc(func(context.Context) health.Result {
			return health.Result{Status: health.Degraded}
		})}, di.Named("db"))
	}}
	ask := func(ctx context.Context) error {
		probed = append(probed, a.Health(ctx, health.Readiness).Status, a.Health(ctx, health.Liveness).Status)
		return nil
	}
	checker.boot, checker.drain = ask, ask
	// A check of a candidate counts, although the other candidate has none.
	idle := &fake{name: "idle", diary: &diary{}, wave: lifecycle.Normal}
	a.Add(boot.Choose("sql", checker.module(), idle.module()))
	must(t, a.Start(t.Context()))
	r := a.Health(t.Context(), health.Readiness)
	if r.Status != health.Degraded || r.Results["db"].Status != health.Degraded || r.Results["application"].Status != health.Healthy {
		t.Errorf("got %+v", r)
	}
	must(t, a.Stop(t.Context()))
	want := []health.Status{health.Starting, health.Healthy, health.Unhealthy, health.Healthy}
	if !slices.Equal(probed, want) {
		t.Errorf("in Boot and Drain: %v, want %v", probed, want)
	}
}
