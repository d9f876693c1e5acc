package boot_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/core/boot"
)

// causes is a provider that notes why it is stopped.
func causes(d *diary) *fake {
	note := func(hook string) hookFunc {
		return func(ctx context.Context) error {
			text := "none"
			if cause := lifecycle.StopCause(ctx); cause != nil {
				text = cause.Error()
			}
			d.note(hook + " because: " + text)
			return nil
		}
	}
	return &fake{name: "a", boot: note("boot"), drain: note("drain"), shutdown: note("shutdown")}
}

func TestCauseIsTold(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &diary{}, causes(&d))
	must(t, a.Start(t.Context()))
	must(t, a.Stop(lifecycle.WithStopCause(t.Context(), errors.New("update"))))
	d.is(t, "boot because: none drain because: update shutdown because: update")
}

func TestCauseIsNotTold(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &diary{}, causes(&d))
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	d.is(t, "boot because: none drain because: none shutdown because: none")
}

func TestCauseOfRollback(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &diary{}, causes(&d), &fake{name: "bad", wave: lifecycle.Low, boot: fails(errBroken)})
	problem(t, a.Start(t.Context()), errBroken)
	d.is(t, `boot because: none shutdown because: boot: module "bad", provider "bad": boot: broken`)
}

func TestCauseOfOptionalProvider(t *testing.T) {
	var d diary
	f := causes(&d)
	f.optional, f.boot = true, fails(errBroken)
	a := app(boot.Options{}, &diary{}, f)
	must(t, a.Start(t.Context()), a.Stop(lifecycle.WithStopCause(t.Context(), errors.New("update"))))
	d.is(t, `shutdown because: boot: module "a", provider "a": boot: broken`)
}

func TestCauseOfInterruptedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var d diary
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		a := app(boot.Options{}, &diary{}, causes(&d), &fake{name: "slow", wave: lifecycle.Low, boot: waits(time.Hour)})
		done := make(chan error, 1)
		go func() { done <- a.Start(ctx) }()
		synctest.Wait()
		cancel(errors.New("no power"))
		problem(t, <-done, context.Canceled)
		d.is(t, "boot because: none shutdown because: no power")
	})
}

func TestCauseOfRunContext(t *testing.T) {
	var d diary
	ctx, cancel := context.WithCancelCause(t.Context())
	a := app(boot.Options{}, &diary{}, causes(&d))
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	<-a.Ready()
	cancel(errors.New("parent is gone"))
	must(t, <-done)
	d.is(t, "boot because: none drain because: parent is gone shutdown because: parent is gone")
}

func TestReadyAndDone(t *testing.T) {
	is := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	var a *boot.App
	early := func(context.Context) error {
		if is(a.Ready()) || is(a.Done()) {
			t.Error("ready before everything is up, or done before everything is down")
		}
		return nil
	}
	late := func(context.Context) error {
		if !is(a.Ready()) || is(a.Done()) {
			t.Error("Ready is open again, or Done is closed too early")
		}
		return nil
	}
	a = app(boot.Options{}, &diary{}, &fake{name: "a", boot: early, bootstrap: early, drain: late, shutdown: late})
	must(t, a.Start(t.Context()))
	late(t.Context())
	must(t, a.Stop(t.Context()))
	if !is(a.Ready()) || !is(a.Done()) {
		t.Error("after Stop: Ready or Done is open")
	}
	a = app(boot.Options{}, &diary{}, &fake{name: "a", boot: early, bootstrap: fails(errBroken), shutdown: early})
	problem(t, a.Start(t.Context()), errBroken)
	if is(a.Ready()) || !is(a.Done()) {
		t.Error("after a failed start: Ready is closed, or Done is open")
	}
}
