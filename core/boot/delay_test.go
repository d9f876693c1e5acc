package boot_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/boot"
)

// Readiness is off while the application still takes what comes.
func TestStopDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a := app(boot.Options{StopDelay: 10 * time.Second}, &d, &fake{name: "a"})
		must(t, a.Start(t.Context()))
		began := time.Now()
		done := make(chan error, 1)
		go func() { done <- a.Stop(t.Context()) }()
		time.Sleep(9 * time.Second)
		if r := a.Health(t.Context(), health.Readiness); r.Status != health.Unhealthy || a.State() != boot.Stopping {
			t.Errorf("while it waits: %+v, %v", r, a.State())
		}
		if r := a.Health(t.Context(), health.Liveness); r.Status != health.Healthy {
			t.Errorf("while it waits: %+v", r)
		}
		d.is(t, "boot:a bootstrap:a")
		must(t, <-done)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("Stop took %v", took)
		}
		d.before(t, "bootstrap:a", "drain:a")
	})
}

func TestStopDelayEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		a := app(boot.Options{StopDelay: time.Hour}, &d, &fake{name: "a"})
		must(t, a.Start(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		must(t, a.Stop(ctx))
		if took := time.Since(began); took != time.Second {
			t.Errorf("Stop took %v", took)
		}
		d.before(t, "drain:a", "shutdown:a")
	})
}

// A start that failed, and a rollback, have nobody to wait for.
func TestRollbackDoesNotDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := app(boot.Options{StopDelay: time.Hour}, &diary{}, &fake{name: "a"}, &fake{name: "b", wave: lifecycle.Low, boot: fails(errBroken)})
		began := time.Now()
		problem(t, a.Start(t.Context()), errBroken)
		if took := time.Since(began); took != 0 {
			t.Errorf("Start took %v", took)
		}
	})
}
