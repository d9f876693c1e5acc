package boot

import (
	"strconv"
	"time"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/core/container"
)

// Errors of applications.
var (
	Err          = errs.New("LEX_ERR_BOOT_001", errs.Internal, "boot")
	ErrState     = Err.Sub("LEX_ERR_BOOT_002", errs.Conflict, "boot: application has been started before")
	ErrModule    = Err.Sub("LEX_ERR_BOOT_003", errs.Invalid, "boot: invalid module")
	ErrStuck     = Err.Sub("LEX_ERR_BOOT_004", errs.Timeout, "boot: hook ignores the end of its context")
	ErrStopped   = Err.Sub("LEX_ERR_BOOT_005", errs.Canceled, "boot: stopped while starting")
	ErrDown      = Err.Sub("LEX_ERR_BOOT_007", errs.Unavailable, "boot: provider is down")
	ErrFailed    = Err.Sub("LEX_ERR_BOOT_008", errs.Unavailable, "boot: provider failed while the application ran")
	ErrImpatient = Err.Sub("LEX_ERR_BOOT_006", errs.Canceled, "boot: second signal: ended without waiting")
)

// A HookError says which hook of which provider failed. It matches [Err] and
// everything that its Err matches, whose kind it has.
type HookError struct {
	Module   string // dotted for a candidate of a choice: "cache.redis"
	Provider string // "" if the application's own work failed
	Hook     Stage
	Key      di.Key        // of the service that could not be released, if Hook is [Close]
	Took     time.Duration // until it returned, or was given up
	Err      error
}

// Error returns one line, such as
// `boot: module "cache.redis", provider "redis": boot: dial tcp: connection refused`.
func (h *HookError) Error() string {
	who := ""
	if h.Module != "" {
		who = "module " + strconv.Quote(h.Module) + ", provider " + strconv.Quote(h.Provider) + ": "
	}
	what := string(h.Hook)
	if h.Key.Type != nil {
		what += " " + h.Key.String()
	}
	return "boot: " + who + what + ": " + h.cause().Error()
}

// cause skips the steps of building or closing a service of the same module,
// whose name stands in the text already.
func (h *HookError) cause() error {
	err := h.Err
	if c, ok := err.(*container.CloseError); ok && c.Key == h.Key {
		return c.Err
	}
	for {
		b, ok := err.(*container.BuildError)
		if !ok || b.Module != h.Module || h.Module == "" {
			return err
		}
		err = b.Err
	}
}

// Unwrap returns the cause and [Err], in this order, so that the kind is the cause's.
func (h *HookError) Unwrap() []error { return []error{h.Err, Err} }
