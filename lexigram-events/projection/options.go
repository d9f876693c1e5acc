package projection

import (
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/lock"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say how a [Projector] behaves. The zero value is ready to use.
type Options struct {
	// Batch is how many events are handled in one transaction at most. 0 means 500.
	Batch int
	// Lag is how far the read model may be behind before CheckHealth is
	// Degraded: the age of the oldest event that it does not show. 0 means one minute.
	Lag time.Duration
	// Poll is how often WaitFor looks at what other processes do, at least a
	// millisecond. 0 means 100 ms. What this process does it is told.
	Poll time.Duration
	// Lock, if not nil, has each projection followed by one process at a time.
	// Without it several that follow one are as correct over a database, but
	// do the work of which one transaction wins; over a store of state each
	// event may be handled by each. Lease is that of the lock; 0 means 15 s.
	Lock     lock.Store
	Lease    time.Duration
	Prefix   string           // of the keys in a store of state; "" means "projection/"
	Clock    clock.Clock      // nil means clock.System{}
	Logger   *slog.Logger     // of what goes wrong; nil discards
	Observer observe.Observer // the zero value reports nothing
}

func (o Options) withDefaults() (Options, error) {
	for _, d := range []struct {
		name  string
		value *time.Duration
		zero  time.Duration
		least time.Duration
	}{
		{"Lag", &o.Lag, time.Minute, time.Millisecond}, {"Poll", &o.Poll, 100 * time.Millisecond, time.Millisecond}, {"Lease", &o.Lease, 15 * time.Second, time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.zero
		}
		if *d.value < d.least {
			return o, ErrInvalid.Wrap(nil, "projection: %s is %v: it must be at least %v", d.name, *d.value, d.least)
		}
	}
	if o.Batch == 0 {
		o.Batch = 500
	}
	if o.Batch < 0 {
		return o, ErrInvalid.Wrap(nil, "projection: Batch is %d: it must be at least 1", o.Batch)
	}
	if o.Prefix == "" {
		o.Prefix = "projection/"
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}
