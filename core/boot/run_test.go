//go:build unix

package boot_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"syscall"
	"testing"

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
	for a.State() != boot.Ready {
		runtime.Gosched()
	}
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
	for a.State() != boot.Ready {
		runtime.Gosched()
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	d.before(t, "bootstrap:a", "shutdown:a")
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
