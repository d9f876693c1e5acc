package sdnotify

import (
	"context"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
)

// Options say what [Module] does beyond the defaults.
type Options struct {
	// Environ has what systemd sets: NOTIFY_SOCKET, and for a unit with
	// WatchdogSec also WATCHDOG_USEC and WATCHDOG_PID. nil means os.Environ().
	Environ []string
	// Alive is asked before the watchdog is told that the service is alive, with
	// half of WatchdogSec to answer; false, or a panic, leaves it out, so that systemd
	// restarts the service. nil means yes: a process that runs is alive.
	Alive func(ctx context.Context) bool
	// Logger gets a line when a state could not be sent to the watchdog. nil logs nothing.
	Logger *slog.Logger
}

// Module returns the module "systemd". It says [Ready] when everything else is
// up, and [Stopping] before anything drains; in between it feeds the watchdog. It
// offers no service and has no configuration.
func Module(o Options) module.Descriptor {
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return module.Descriptor{Name: "systemd", Providers: []lifecycle.Provider{&provider{Options: o}}}
}

// A provider notifies for one application.
type provider struct {
	Options
	socket   string
	interval time.Duration // of the watchdog; 0 if there is none

	mu   sync.Mutex
	stop context.CancelFunc // of the watchdog; nil if it does not run
	done chan struct{}      // closed when the watchdog has ended
}

var (
	_ lifecycle.Provider     = (*provider)(nil)
	_ lifecycle.Bootstrapper = (*provider)(nil)
	_ lifecycle.Drainer      = (*provider)(nil)
	_ lifecycle.Stopper      = (*provider)(nil)
	_ lifecycle.Prioritizer  = (*provider)(nil)
)

func (p *provider) Name() string { return "systemd" }

// Priority is the last wave: it is bootstrapped after everything, and drains first.
func (p *provider) Priority() lifecycle.Priority { return lifecycle.Low + 1 }

// Register offers nothing, and reads the environment.
func (p *provider) Register(di.Registrar) error {
	env := map[string]string{}
	for _, entry := range p.Environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	p.socket, p.interval = env["NOTIFY_SOCKET"], 0
	if pid := env["WATCHDOG_PID"]; env["WATCHDOG_USEC"] == "" || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return nil
	}
	usec, err := strconv.ParseInt(env["WATCHDOG_USEC"], 10, 64)
	if err != nil || usec < 2 || usec > math.MaxInt64/int64(time.Microsecond) {
		return ErrEnviron.Wrap(err, "sdnotify: WATCHDOG_USEC=%q is no number of microseconds", env["WATCHDOG_USEC"])
	}
	p.interval = time.Duration(usec) * time.Microsecond / 2 // as sd_watchdog_enabled(3) advises
	return nil
}

// Bootstrap says that the service is ready, and starts feeding the watchdog.
func (p *provider) Bootstrap(ctx context.Context, _ di.Resolver) error {
	if err := Notify(p.socket, Ready); err != nil || p.socket == "" || p.interval == 0 {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.done = make(chan struct{})
	go p.feed(ctx, p.done)
	return nil
}

// feed tells the watchdog that the service is alive, until ctx ends.
func (p *provider) feed(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	tick := time.NewTicker(p.interval)
	defer tick.Stop()
	for {
		if p.alive(ctx) {
			if err := Notify(p.socket, Watchdog); err != nil {
				p.Logger.LogAttrs(ctx, slog.LevelWarn, "watchdog was not told", slog.Any("error", err))
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *provider) alive(ctx context.Context) (yes bool) {
	if p.Alive == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, p.interval)
	defer cancel()
	err := errs.Catch(func() error {
		yes = p.Alive(ctx)
		return nil
	})
	return yes && err == nil && ctx.Err() == nil
}

// Drain says that the service stops. The watchdog is fed until Shutdown.
func (p *provider) Drain(context.Context) error { return Notify(p.socket, Stopping) }

// Shutdown ends feeding the watchdog.
func (p *provider) Shutdown(ctx context.Context) error {
	p.mu.Lock()
	stop, done := p.stop, p.done
	p.stop, p.done = nil, nil
	p.mu.Unlock()
	if stop == nil {
		return nil
	}
	stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return Err.Wrap(context.Cause(ctx), "sdnotify: Alive ignores the end of its context")
	}
}
