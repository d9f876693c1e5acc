package boot

import (
	"log/slog"
	"os"
	"syscall"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// Options say how an [App] runs. The zero value has no configuration, logs
// nothing, and uses the defaults.
type Options struct {
	// Config holds the settings of all modules, each under the module's name;
	// without it every module has its defaults.
	Config config.Config
	// Logger gets one line for each phase at Info and one for each hook at
	// Debug. nil logs nothing.
	Logger *slog.Logger
	// BootTimeout is the deadline of each Boot and Bootstrap, and of building
	// the singletons that no hook has built; 0 means 30 s. A
	// [lifecycle.Deadliner] has its own.
	BootTimeout time.Duration
	// ShutdownTimeout is the deadline of each Drain and Shutdown, and of
	// closing the container; 0 means 30 s.
	ShutdownTimeout time.Duration
	// StopDelay is how long Stop waits between readiness going off and the first
	// Drain, so that whoever routes requests here has noticed: under Kubernetes
	// some seconds more than the period of the readiness probe. The end of Stop's
	// ctx, and a second signal of Run, end it. 0 does not wait.
	StopDelay time.Duration
	// Grace is how long a hook may go on after its deadline, and a Drain or
	// Shutdown after the context of Stop ended, before the application gives it
	// up, reports it ([ErrStuck]) and goes on without it; 0 means 1 s.
	Grace time.Duration
	// Signals end [App.Run]; nil means SIGINT and SIGTERM, and an empty list none.
	Signals []os.Signal
}

const (
	defaultTimeout = 30 * time.Second
	defaultGrace   = time.Second
)

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.BootTimeout <= 0 {
		o.BootTimeout = defaultTimeout
	}
	if o.ShutdownTimeout <= 0 {
		o.ShutdownTimeout = defaultTimeout
	}
	if o.Grace <= 0 {
		o.Grace = defaultGrace
	}
	if o.Signals == nil {
		o.Signals = []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	}
	return o
}
