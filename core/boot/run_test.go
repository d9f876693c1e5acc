//go:build unix

package boot_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/core/boot"
)

// raise sends this process a signal, which Run waits for.
func raise(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

func TestRunUntilSignal(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "a"})
	done := make(chan error, 1)
	go func() { done <- a.Run(t.Context()) }()
	<-a.Ready()
	raise(t)
	if err := <-done; err != nil {
		t.Error(err)
	}
	d.before(t, "bootstrap:a", "drain:a")
}

func TestRunUntilContextEnds(t *testing.T) {
	var d diary
	ctx, cancel := context.WithCancel(t.Context())
	a := app(boot.Options{}, &d, &fake{name: "a"})
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	<-a.Ready()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	d.before(t, "bootstrap:a", "shutdown:a")
}

// Without signals the application runs until ctx ends, whatever the process is sent.
func TestRunWithoutSignals(t *testing.T) {
	var d diary
	ctx, cancel := context.WithCancel(t.Context())
	a := app(boot.Options{Signals: []os.Signal{}}, &d, &fake{name: "a"})
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	<-a.Ready()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGURG); err != nil { // as Go's scheduler does
		t.Fatal(err)
	}
	select {
	case <-a.Done():
		t.Error("a signal that nobody asked for stopped the application")
	case <-time.After(50 * time.Millisecond):
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A failing provider is one whose work ends by itself.
type failing struct {
	fake
	failed chan struct{}
}

func (f *failing) Failed() <-chan struct{} { return f.failed }

func TestRunUntilProviderFails(t *testing.T) {
	var d diary
	broke := errors.New("the listener broke")
	f := &failing{failed: make(chan struct{}), fake: fake{
		name: "http", diary: &d, wave: lifecycle.Normal, shutdown: func(context.Context) error { return broke },
	}}
	f.bootstrap = func(context.Context) error { close(f.failed); return nil }
	healthy := &failing{failed: make(chan struct{}), fake: fake{name: "healthy", diary: &diary{}}}
	a := boot.New(boot.Options{}).Add(
		module.Descriptor{Name: "http", Providers: []lifecycle.Provider{f}},
		module.Descriptor{Name: "healthy", Providers: []lifecycle.Provider{healthy}},
	)
	f.drain = func(ctx context.Context) error {
		problem(t, lifecycle.StopCause(ctx), boot.ErrFailed, `module "http", provider "http" failed`)
		return nil
	}
	problem(t, a.Run(t.Context()), broke, `module "http", provider "http": shutdown: the listener broke`)
	d.is(t, "boot:http bootstrap:http drain:http shutdown:http close:http")
}

func TestSignalWhileStarting(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &d, &fake{name: "a", boot: func(ctx context.Context) error {
		raise(t)
		<-ctx.Done()
		return ctx.Err()
	}})
	problem(t, a.Run(t.Context()), context.Canceled, `provider "a": boot`)
	d.is(t, "boot:a shutdown:a")
}

func TestSecondSignal(t *testing.T) {
	release, stopping := make(chan struct{}), make(chan struct{})
	a := app(boot.Options{}, &diary{}, &fake{
		name:      "a",
		bootstrap: func(context.Context) error { raise(t); return nil },
		shutdown:  func(context.Context) error { close(stopping); <-release; return nil },
	})
	done := make(chan error, 1)
	go func() { done <- a.Run(t.Context()) }()
	<-stopping
	raise(t)
	problem(t, <-done, boot.ErrImpatient, "terminated")
	close(release)
	_ = a.Stop(t.Context()) // waits for the one that was left
}

// Drain and Shutdown know the signal, also when it came during the start.
func TestCauseIsSignal(t *testing.T) {
	var d diary
	a := app(boot.Options{}, &diary{}, causes(&d))
	done := make(chan error, 1)
	go func() { done <- a.Run(t.Context()) }()
	<-a.Ready()
	raise(t)
	must(t, <-done)
	d.is(t, "boot because: none drain because: terminated shutdown because: terminated")

	d = diary{}
	a = app(boot.Options{}, &diary{}, causes(&d), &fake{name: "slow", wave: lifecycle.Low, boot: func(ctx context.Context) error {
		raise(t)
		<-ctx.Done()
		return ctx.Err()
	}, shutdown: func(ctx context.Context) error {
		if cause := lifecycle.StopCause(ctx); !errors.Is(cause, lifecycle.Signaled{Signal: syscall.SIGTERM}) {
			t.Errorf("got %v", cause)
		}
		return nil
	}})
	problem(t, a.Run(t.Context()), boot.ErrStopped)
	d.is(t, "boot because: none shutdown because: boot: terminated")
}

// Whoever owns ctx may listen too, as a command line does: one signal counts once, whoever hears it first.
func TestSignalEndsContextToo(t *testing.T) {
	var d diary
	ctx, cancel := context.WithCancelCause(t.Context())
	release := make(chan struct{})
	a := app(boot.Options{}, &diary{}, causes(&d), &fake{name: "slow", drain: func(context.Context) error {
		raise(t)
		<-release
		return nil
	}})
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	<-a.Ready()
	cancel(lifecycle.Signaled{Signal: syscall.SIGTERM})
	select {
	case err := <-done:
		close(release)
		t.Fatalf("Run did not wait for its hooks: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	must(t, <-done)
	d.is(t, "boot because: none drain because: terminated shutdown because: terminated")
}

// A second signal ends the delay before draining, a third one does not wait for hooks.
func TestSecondSignalEndsDelay(t *testing.T) {
	release, draining := make(chan struct{}), make(chan struct{})
	a := app(boot.Options{StopDelay: time.Hour}, &diary{}, &fake{
		name: "a", drain: func(context.Context) error { close(draining); <-release; return nil },
	})
	done := make(chan error, 1)
	go func() { done <- a.Run(t.Context()) }()
	<-a.Ready()
	raise(t)
	for a.State() != boot.Stopping {
		runtime.Gosched()
	}
	raise(t)
	<-draining
	raise(t)
	problem(t, <-done, boot.ErrImpatient, "terminated")
	close(release)
	_ = a.Stop(t.Context()) // waits for the one that was left
}

// The first signal of an application that stops for another reason is no second one.
func TestSignalWhileStopping(t *testing.T) {
	release, draining := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan struct{})
	logger := slog.New(slog.NewTextHandler(writerFunc(func(line string) {
		if strings.Contains(line, `msg="boot: stopping already" signal=terminated`) {
			close(told)
		}
	}), nil))
	a := app(boot.Options{Logger: logger}, &diary{}, &fake{
		name: "a", drain: func(context.Context) error { close(draining); <-release; return nil },
	})
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	<-a.Ready()
	cancel()
	<-draining
	raise(t)
	select {
	case err := <-done:
		t.Errorf("Run = %v before Drain returned", err)
	case <-told:
	}
	close(release)
	must(t, <-done)
}

// A writerFunc gets each line of a log.
type writerFunc func(line string)

func (w writerFunc) Write(line []byte) (int, error) { w(string(line)); return len(line), nil }

func TestLogs(t *testing.T) {
	var text strings.Builder
	logger := slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	a := app(boot.Options{Logger: logger}, &diary{}, &fake{name: "a"})
	must(t, a.Start(t.Context()), a.Stop(t.Context()))
	for _, line := range []string{
		`level=DEBUG msg="boot: boot" module=a provider=a took=`, `level=INFO msg="boot: booted" took=`,
		`msg="boot: built"`, `msg="boot: bootstrapped"`, `msg="boot: ready" modules=1 providers=1 took=`,
		`msg="boot: drained"`, `msg="boot: shut down"`, `level=INFO msg="boot: stopped" took=`,
	} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("the log lacks %q:\n%s", line, &text)
		}
	}
}
