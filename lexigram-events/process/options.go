package process

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// Options say how a [Manager] behaves. The zero value is ready to use.
type Options struct {
	// Lease is how long after the death of a process another one may take over
	// what it ran, at least a second. A step may take longer, but for an
	// Atomic one. 0 means 30 s. It is computed from the clocks of the hosts,
	// which must agree to a small part of it.
	Lease time.Duration
	// Retention is how long what is Completed or Compensated is kept, at least
	// a minute. 0 means 7 days. An ID must not be used again even later: keys of steps are made of it.
	Retention time.Duration
	// Prefix begins every key in a store of state. "" means "saga/". At most 100 bytes.
	Prefix   string
	Clock    clock.Clock      // nil means clock.System{}
	Observer observe.Observer // the zero value reports nothing
}

func (o Options) withDefaults() (Options, error) {
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	if o.Retention == 0 {
		o.Retention = 7 * 24 * time.Hour
	}
	if o.Prefix == "" {
		o.Prefix = "saga/"
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	switch {
	case o.Lease < time.Second:
		return o, saga.ErrInvalid.Wrap(nil, "process: Lease is %v: it must be at least 1s", o.Lease)
	case o.Retention < time.Minute:
		return o, saga.ErrInvalid.Wrap(nil, "process: Retention is %v: it must be at least 1m", o.Retention)
	case len(o.Prefix) > 100:
		return o, saga.ErrInvalid.Wrap(nil, "process: Prefix %.40q is over 100 bytes", o.Prefix)
	}
	return o, nil
}
