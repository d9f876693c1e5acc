package boot_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/health"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// TestDefectsOfTheOriginal has a case for each known fault of the framework that
// this one is a port of, as far as it concerns starting and stopping.
func TestDefectsOfTheOriginal(t *testing.T) {
	for name, check := range map[string]func(t *testing.T){
		"a failed level leaks its siblings":                   siblingsOfFailedProvider,
		"a half-booted provider is not shut down":             halfBooted,
		"an optional provider may fail with some errors only": optionalKeyError,
		"a provider that failed to boot is healthy":           healthOfFailed,
		"dependants of a failed optional provider boot":       dependantsOfFailed,
		"a failing bootstrap hook is only logged":             bootstrapFails,
		"a provider has no deadline of its own to shut down":  shutdownHangs,
		"the stop hooks do not learn the signal":              causeIsTold,
		"services are not shut down":                          servicesShutDown,
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, check) })
	}
}

func siblingsOfFailedProvider(t *testing.T) {
	var d diary
	slow := func(context.Context) error { time.Sleep(10 * time.Second); d.note("up:slow"); return nil }
	a := app(boot.Options{}, &d, &fake{name: "bad", boot: fails(errBroken)}, &fake{name: "slow", boot: slow})
	problem(t, a.Start(t.Context()), errBroken)
	d.before(t, "up:slow", "shutdown:slow")
}

func halfBooted(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "half", boot: func(context.Context) error { d.note("opened"); return errBroken }})
	problem(t, a.Start(t.Context()), errBroken)
	d.is(t, "boot:half opened shutdown:half")
}

func optionalKeyError(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "extra", optional: true, boot: func(context.Context) error {
		var missing map[string]int
		missing["key"]++ // what a KeyError is there
		return nil
	}})
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
}

func healthOfFailed(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "extra", optional: true, boot: fails(errBroken)})
	must(t, a.Start(t.Context()))
	if r := a.Health(t.Context(), health.Readiness); r.Results["extra/extra"].Status == health.Healthy || r.Status == health.Healthy {
		t.Errorf("got %+v", r)
	}
	must(t, a.Stop(t.Context()))
}

func dependantsOfFailed(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "extra", optional: true, boot: fails(errBroken)}, &fake{name: "user", optional: true, needs: []string{"extra"}})
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	d.is(t, "boot:extra shutdown:extra")
}

func bootstrapFails(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "a", bootstrap: fails(errBroken)})
	problem(t, a.Start(t.Context()), errBroken)
	d.is(t, "boot:a bootstrap:a shutdown:a close:a")
}

func shutdownHangs(t *testing.T) {
	a := app(boot.Options{}, &diary{}, &fake{name: "a", stopLimit: 2 * time.Second, shutdown: ignores(time.Hour)})
	must(t, a.Start(t.Context()))
	began := time.Now()
	problem(t, a.Stop(t.Context()), boot.ErrStuck, `module "a", provider "a": shutdown`)
	if took := time.Since(began); took != 3*time.Second {
		t.Errorf("Stop took %v", took)
	}
	time.Sleep(time.Hour)
}

func causeIsTold(t *testing.T) {
	var told error
	a := app(boot.Options{}, &diary{}, &fake{name: "a", drain: func(ctx context.Context) error { told = lifecycle.StopCause(ctx); return nil }})
	cause := errs.New("UPDATE", errs.Canceled, "update")
	must(t, a.Start(t.Context()), a.Stop(lifecycle.WithStopCause(t.Context(), cause)))
	if !errors.Is(told, cause) {
		t.Errorf("told %v", told)
	}
}

func servicesShutDown(t *testing.T) {
	var d diary
	f := &fake{name: "p"}
	f.register = func(r di.Registrar) error { return register(r, &graceful{name: "a", diary: &d}) }
	a := app(boot.Options{}, &diary{}, f)
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	d.is(t, "shutdown:a")
}

// leaver ends the goroutine that registers it, as FailNow of a test does.
type leaver struct{}

func (leaver) Name() string { return "leaver" }

func (leaver) Register(di.Registrar) error { runtime.Goexit(); return nil }

// TestStartThatDoesNotReturn: an application whose Start was left is stopped, and nobody waits for it for ever.
func TestStartThatDoesNotReturn(t *testing.T) {
	a := boot.New(boot.Options{}).Add(module.Descriptor{Name: "m", Providers: []lifecycle.Provider{leaver{}}})
	left := make(chan struct{})
	go func() {
		defer close(left)
		_ = a.Start(t.Context())
		t.Error("Start returned")
	}()
	<-left
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := a.Stop(ctx); err != nil || a.State() != boot.Stopped {
		t.Errorf("Stop = %v, the application is %v", err, a.State())
	}
	<-a.Done()
}
