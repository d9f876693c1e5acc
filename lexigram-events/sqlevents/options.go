package sqlevents

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say how a [Bus] behaves. The zero value is ready to use.
type Options struct {
	// Batch is how many events a consumer claims at a time at most: those that it
	// does not yet handle no other consumer of the group gets meanwhile. It
	// begins with 64 and claims more while it comes back within a second, and
	// fewer, down to two for each lane, while it does not. 0 means 256.
	Batch int `config:"batch"`
	// Poll is the time between looks at the table when nothing wakes a consumer:
	// commits of this process do, and on PostgreSQL those of others. 0 means 1 s.
	Poll time.Duration `config:"poll"`
	// Lease is how long a claim stands when its consumer has crashed. A live
	// consumer extends it all the time, however long a handler takes. 0 means
	// 30 s. The clocks of the hosts must agree to a small part of it.
	Lease time.Duration `config:"lease"`
	// Retention is how long an event is kept: for groups that begin with
	// [events.Earliest], and to know the same event again. What a group has not
	// handled it keeps longer. 0 means an hour; two minutes is the least.
	Retention time.Duration `config:"retention"`
	// Lag is how old the oldest event of a group that waits may be before
	// CheckHealth is Degraded. 0 means one minute.
	Lag      time.Duration    `config:"lag"`
	Clock    clock.Clock      `config:"-"` // nil means clock.System{}
	Logger   *slog.Logger     `config:"-"` // nil discards
	Observer observe.Observer `config:"-"` // the zero value reports nothing
}

// Config is the section "sqlevents" of [Module].
type Config = Options

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	o.fill(func(_, key, problem string) { v.Add(key, problem, "RANGE") })
	return v.Err()
}

func (o Options) withDefaults() (Options, error) {
	var v errs.ValidationError
	o.fill(func(field, _, problem string) { v.Add(field, problem, "RANGE") })
	if err := v.Err(); err != nil {
		return o, events.ErrInvalid.Wrap(err, "sqlevents")
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
func (o *Options) fill(report func(field, key, problem string)) {
	for _, d := range []struct {
		field, key string
		of         *time.Duration
		def, min   time.Duration
	}{
		{"Poll", "poll", &o.Poll, time.Second, time.Millisecond},
		{"Lease", "lease", &o.Lease, 30 * time.Second, 100 * time.Millisecond},
		{"Retention", "retention", &o.Retention, time.Hour, 2 * time.Minute},
		{"Lag", "lag", &o.Lag, time.Minute, time.Millisecond},
	} {
		if *d.of == 0 {
			*d.of = d.def
		}
		if *d.of < d.min {
			report(d.field, d.key, fmt.Sprintf("is %v: it must be at least %v", *d.of, d.min))
		}
	}
	if o.Batch == 0 {
		o.Batch = 256
	}
	if o.Batch < 0 || o.Batch > maxBatch {
		report("Batch", "batch", fmt.Sprintf("is %d: it must be 1 to %d", o.Batch, maxBatch))
	}
}

const maxBatch = 900
