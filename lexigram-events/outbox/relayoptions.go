package outbox

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// RelayOptions say how a [Relay] behaves. The zero value is ready to use.
type RelayOptions struct {
	Batch    int           // events claimed and not settled at a time; 0 means 256
	Parallel int           // events sent at the same time, of different keys; 0 means 16
	Poll     time.Duration // between looks at the table when nothing wakes the relay; 0 means 1 s
	// Lease is how long a claim stands when its relay has crashed. A live relay
	// extends it all the time. 0 means 30 s. The clocks of the hosts of relays
	// must agree to a small part of it.
	Lease time.Duration
	// MaxAttempts is how often an event is sent before it is dead. 0 means 10.
	// Failures that are the bus's own, wrapping events.ErrClosed, do not count.
	MaxAttempts int
	// RetryBase and RetryCap bound the wait before another attempt:
	// exponential with full jitter. 0 means 1 s and 10 min.
	RetryBase, RetryCap time.Duration
	// Retention is how long an event that was sent stays in the table, where
	// it is known as the same event. 0 means an hour; two minutes is the least.
	Retention time.Duration
	// InboxRetention is how long an [Inbox] remembers. 0 means 30 days.
	InboxRetention time.Duration
	// ReclaimOnStart has Start end every claim, whosever it is, instead of
	// waiting for the leases of a crashed predecessor. It is for deployments
	// in which no other process can run a relay on the database, such as a
	// service of one instance with a SQLite file; with a second relay alive,
	// events are sent twice and out of order.
	ReclaimOnStart bool
	Wake           <-chan struct{}  // usually [Outbox.Committed]; nil leaves listening and polling
	Clock          clock.Clock      // nil means clock.System{}; leases, retries and retention are computed from it
	Logger         *slog.Logger     // nil discards
	Observer       observe.Observer // the zero value reports nothing
}

// withDefaults returns o with its defaults, or an error wrapping
// [events.ErrInvalid] that names every field out of range.
func (o RelayOptions) withDefaults() (RelayOptions, error) {
	var v errs.ValidationError
	o.fill(func(field, _, problem string) { v.Add(field, problem, "RANGE") })
	if err := v.Err(); err != nil {
		return o, events.ErrInvalid.Wrap(err, "outbox: relay")
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// fill puts defaults into what is zero, and reports what is out of range, by
// the field and by its key in a configuration.
func (o *RelayOptions) fill(report func(field, key, problem string)) {
	for _, d := range []struct {
		field, key string
		of         *time.Duration
		def, min   time.Duration
	}{
		{"Poll", "poll", &o.Poll, time.Second, time.Millisecond},
		{"Lease", "lease", &o.Lease, 30 * time.Second, 100 * time.Millisecond},
		{"RetryBase", "retry_base", &o.RetryBase, time.Second, time.Microsecond},
		{"RetryCap", "retry_cap", &o.RetryCap, max(10*time.Minute, o.RetryBase), o.RetryBase},
		{"Retention", "retention", &o.Retention, time.Hour, 2 * time.Minute},
		{"InboxRetention", "inbox_retention", &o.InboxRetention, 30 * 24 * time.Hour, 2 * time.Minute},
	} {
		if *d.of == 0 {
			*d.of = d.def
		}
		if *d.of < d.min {
			report(d.field, d.key, fmt.Sprintf("is %v: it must be at least %v", *d.of, d.min))
		}
	}
	for _, n := range []struct {
		field, key string
		of         *int
		def, max   int
	}{
		{"Batch", "batch", &o.Batch, 256, 900},
		{"Parallel", "parallel", &o.Parallel, 16, 1 << 10},
		{"MaxAttempts", "max_attempts", &o.MaxAttempts, 10, 1 << 20},
	} {
		if *n.of == 0 {
			*n.of = n.def
		}
		if *n.of < 0 || *n.of > n.max {
			report(n.field, n.key, fmt.Sprintf("is %d: it must be 1 to %d", *n.of, n.max))
		}
	}
}
