package process

import (
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/saga"
)

// WorkerOptions say how a [Worker] behaves. The zero value is ready to use.
type WorkerOptions struct {
	// Parallel is how many instances run at once. 0 means 8.
	Parallel int
	// Poll is how often the worker looks for what is due, at least a
	// millisecond. 0 means 1 s. It looks at once for what its own manager starts,
	// cancels or gives an event to, and where the database notifies
	// ([sqldb.Listener]), for what others do.
	Poll   time.Duration
	Logger *slog.Logger // of what goes wrong; nil discards
}

func (o WorkerOptions) withDefaults() (WorkerOptions, error) {
	if o.Parallel == 0 {
		o.Parallel = 8
	}
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case o.Parallel < 0:
		return o, saga.ErrInvalid.Wrap(nil, "process: worker: Parallel is %d: it must be at least 1", o.Parallel)
	case o.Poll < time.Millisecond:
		return o, saga.ErrInvalid.Wrap(nil, "process: worker: Poll is %v: it must be at least 1ms", o.Poll)
	}
	return o, nil
}
