package sqlqueue

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say how a [Pump] behaves. All but the functions that may be nil, the
// channels and the Observer are needed.
type Options struct {
	Name     string // of who has the pump, before messages and in names of metrics
	Done     string // what Deliver does to events, such as "sent"
	Attrs    []slog.Attr
	Batch    int           // claimed and not settled at a time, at most
	First    int           // the same to begin with
	Least    int           // the same when Deliver is slow
	Parallel int           // calls of Deliver at the same time
	Poll     time.Duration // between looks when nothing wakes the pump
	Lease    time.Duration

	MaxAttempts         int
	RetryBase, RetryCap time.Duration // exponential with full jitter
	Drop                bool          // what is dead is not kept

	Deliver func(ctx context.Context, ev events.Event) error
	Refused func(error) bool            // an error that no other attempt can mend, beside poison; may be nil
	Excused func(error) bool            // an error that is no attempt of the event; may be nil
	Beat    func(context.Context) error // three times in a Lease; may be nil
	Clean   func(context.Context) error // once a minute

	Wake, Notes <-chan struct{} // to look at once; either may be nil
	Clock       clock.Clock
	Logger      *slog.Logger
	Observer    observe.Observer
}

// backoff is full jitter: anything up to the base, doubled for every failure but the first.
func (o *Options) backoff(failures int) time.Duration {
	d := o.RetryCap
	if shift := max(failures-1, 0); shift < 40 && o.RetryBase < o.RetryCap>>shift {
		d = o.RetryBase << shift
	}
	return rand.N(d + 1)
}
