package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	peer "github.com/alexliesenfeld/health"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/core/healthcheck"
)

const healthChecks = 5

var errNotHealthy = errors.New("bench: the application is not healthy")

func healthRow() row {
	return row{
		name: "health: a cached answer",
		work: "the readiness of an application with 5 checks, whose results are cached",
		goal: "≤ 1/10 of alexliesenfeld/health's time, 0 allocs",
		met: func(r result) bool {
			return r.ours().Ns <= r.peer("alexliesenfeld/health").Ns/10 && r.ours().Allocs < 0.01
		},
		sides: []side{
			{"core/healthcheck", startHealthcheck},
			{"alexliesenfeld/health", startHealthPeer},
		},
	}
}

func startHealthcheck(context.Context) (worker, error) {
	var checks []health.Check
	for i := range healthChecks {
		checks = append(checks, health.Check{Name: fmt.Sprint("check", i), Checker: health.CheckerFunc(func(context.Context) health.Result {
			return health.Result{Status: health.Healthy}
		})})
	}
	registry, err := healthcheck.NewWith(healthcheck.Options{CacheFor: time.Hour}, checks...)
	return worker{ops: each(func(ctx context.Context) error {
		if registry.Status(ctx, health.Readiness) != health.Healthy {
			return errNotHealthy
		}
		return nil
	})}, err
}

func startHealthPeer(context.Context) (worker, error) {
	options := []peer.CheckerOption{peer.WithCacheDuration(time.Hour), peer.WithDisabledAutostart(), peer.WithDisabledDetails()}
	for i := range healthChecks {
		options = append(options, peer.WithCheck(peer.Check{Name: fmt.Sprint("check", i), Check: func(context.Context) error { return nil }}))
	}
	checker := peer.NewChecker(options...)
	return worker{ops: each(func(ctx context.Context) error {
		if checker.Check(ctx).Status != peer.StatusUp {
			return errNotHealthy
		}
		return nil
	})}, nil
}
