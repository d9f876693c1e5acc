//go:build unix

package sdnotify_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/lifecycle/lifecycletest"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/sdnotify"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A systemd listens at a socket of its own.
type systemd struct {
	*net.UnixConn
	path string
}

func listen(t *testing.T) systemd {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // t.TempDir is too long for a socket on some systems
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "n")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); os.RemoveAll(dir) })
	return systemd{conn, path}
}

// next returns the next message.
func (s systemd) next(t *testing.T) string {
	t.Helper()
	if err := s.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1024)
	n, err := s.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

// silent reports whether no message is waiting.
func (s systemd) silent(t *testing.T) bool {
	t.Helper()
	if err := s.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Read(make([]byte, 1024))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

func TestNotify(t *testing.T) {
	s := listen(t)
	if err := sdnotify.Notify(s.path, sdnotify.Ready, "STATUS=at your service"); err != nil {
		t.Error(err)
	}
	if got := s.next(t); got != "READY=1\nSTATUS=at your service" {
		t.Errorf("got %q", got)
	}
	if err := sdnotify.Notify("", sdnotify.Ready); err != nil {
		t.Errorf("without systemd: %v", err)
	}
	if err := sdnotify.Notify(s.path+"x", sdnotify.Ready); !errors.Is(err, sdnotify.Err) {
		t.Errorf("nobody listens: %v", err)
	}
}

// last is a part of the application that is bootstrapped late and drains early.
type last struct{ hook func(name string) }

func (last) Name() string                     { return "last" }
func (last) Register(di.Registrar) error      { return nil }
func (last) Priority() lifecycle.Priority     { return lifecycle.Low }
func (l last) Drain(context.Context) error    { l.hook("drain"); return nil }
func (l last) Shutdown(context.Context) error { l.hook("shutdown"); return nil }
func (l last) Bootstrap(context.Context, di.Resolver) error {
	l.hook("bootstrap")
	return nil
}

// Ready comes after every Bootstrap, Stopping before every Drain.
func TestApplication(t *testing.T) {
	s := listen(t)
	other := last{hook: func(name string) {
		switch name {
		case "bootstrap":
			if !s.silent(t) {
				t.Error("told before everything is up")
			}
		case "drain":
			if got := s.next(t); got != sdnotify.Stopping {
				t.Errorf("before draining: %q", got)
			}
		}
	}}
	app := boot.New(boot.Options{}).Add(
		sdnotify.Module(sdnotify.Options{Environ: []string{"NOTIFY_SOCKET=" + s.path}}),
		module.Descriptor{Name: "other", Providers: []lifecycle.Provider{other}},
	)
	if err := app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.next(t); got != sdnotify.Ready {
		t.Errorf("got %q", got)
	}
	if err := app.Stop(t.Context()); err != nil || !s.silent(t) {
		t.Error("after Stop:", err)
	}
}

func TestWatchdog(t *testing.T) {
	s := listen(t)
	var asked atomic.Int32
	app := boot.New(boot.Options{}).Add(sdnotify.Module(sdnotify.Options{
		Environ: []string{"NOTIFY_SOCKET=" + s.path, "WATCHDOG_USEC=2000", "WATCHDOG_PID=" + strconv.Itoa(os.Getpid())},
		Alive: func(context.Context) bool {
			switch n := asked.Add(1); n {
			case 2:
				return false
			case 3:
				panic("ill")
			default:
				return n < 5
			}
		},
	}))
	if err := app.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{sdnotify.Ready, sdnotify.Watchdog, sdnotify.Watchdog} {
		if got := s.next(t); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if asked.Load() < 4 {
		t.Errorf("told twice after %d questions, of which two were answered badly", asked.Load())
	}
	if err := app.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if got := s.next(t); got != sdnotify.Stopping || !s.silent(t) {
		t.Errorf("got %q", got)
	}
}

// The watchdog of another process is none of ours; without systemd nothing happens.
func TestNothingToTell(t *testing.T) {
	s := listen(t)
	for _, environ := range [][]string{
		{"NOTIFY_SOCKET=" + s.path, "WATCHDOG_USEC=2000", "WATCHDOG_PID=1"},
		{"WATCHDOG_USEC=2000"},
		{},
	} {
		app := boot.New(boot.Options{}).Add(sdnotify.Module(sdnotify.Options{
			Environ: environ, Alive: func(context.Context) bool { t.Error("asked"); return true },
		}))
		if err := errors.Join(app.Start(t.Context()), app.Stop(t.Context())); err != nil {
			t.Error(err)
		}
	}
	if got := s.next(t) + s.next(t); got != sdnotify.Ready+sdnotify.Stopping || !s.silent(t) {
		t.Errorf("got %q", got)
	}
}

func TestBadEnvironment(t *testing.T) {
	for _, usec := range []string{"soon", "-1", "0", "1", "99999999999999999999"} {
		err := boot.New(boot.Options{}).Add(sdnotify.Module(sdnotify.Options{Environ: []string{"WATCHDOG_USEC=" + usec}})).Start(t.Context())
		if !errors.Is(err, sdnotify.ErrEnviron) || !strings.Contains(err.Error(), usec) {
			t.Errorf("%s: %v", usec, err)
		}
	}
	err := boot.New(boot.Options{}).Add(sdnotify.Module(sdnotify.Options{Environ: []string{"NOTIFY_SOCKET=/nonexistent/n"}})).Start(t.Context())
	if !errors.Is(err, sdnotify.Err) || !strings.Contains(err.Error(), "bootstrap") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestConformance(t *testing.T) {
	s := listen(t)
	newModule := func() module.Descriptor {
		return sdnotify.Module(sdnotify.Options{Environ: []string{"NOTIFY_SOCKET=" + s.path, "WATCHDOG_USEC=60000000"}})
	}
	moduletest.Run(t, newModule)
	lifecycletest.Run(t, func(*testing.T) lifecycle.Provider { return newModule().Providers[0] },
		lifecycletest.Booting(func(*testing.T) di.Resolver { return nil }))
}
