package memoryevents

import (
	"log/slog"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say how a [Bus] behaves. The zero value is ready to use.
type Options struct {
	// Buffer is how many events each group holds at most: waiting, being
	// handled and waiting for another attempt. Publish blocks while a group
	// that the event is for is full. 0 means 1,024.
	Buffer int `config:"buffer"`
	// DedupWindow is how long at least an equal Source and ID of one tenant is the same
	// event. 0, and anything shorter, means two minutes.
	DedupWindow time.Duration `config:"dedup_window"`
	// DedupLimit is how many events the window remembers: at most twice as
	// many at a time, in about 48 bytes each. A bus that takes more within
	// DedupWindow forgets the oldest early, says so in its log, once for each
	// time, and counts it. 0 means 4,194,304, which is 34,000 events in every
	// second of the default window.
	DedupLimit int `config:"dedup_limit"`
	// Keep is how many of the latest events stay for groups that begin with
	// [events.Earliest]. 0 keeps none: such a group begins like a Latest one.
	Keep int `config:"keep"`
	// DeadLetters is how many dead letters are kept; the oldest make room,
	// with an error in the log. 0 means 1,000.
	DeadLetters int `config:"dead_letters"`
	// OnDead, if not nil, is told of every event that becomes a dead letter,
	// by the goroutine that ran its handler, before the next event of its key
	// is handled. A panic in it is logged.
	OnDead   func(DeadLetter) `config:"-"`
	Logger   *slog.Logger     `config:"-"` // nil discards
	Observer observe.Observer `config:"-"` // the zero value reports nothing
}

// Config is the section "memoryevents" of [Module].
type Config = Options

// Validate returns an [errs.ValidationError] that names what is negative. New
// takes that for zero.
func (o Options) Validate() error {
	var v errs.ValidationError
	for _, n := range []struct {
		key string
		bad bool
	}{
		{"buffer", o.Buffer < 0},
		{"dedup_window", o.DedupWindow < 0},
		{"dedup_limit", o.DedupLimit < 0},
		{"keep", o.Keep < 0},
		{"dead_letters", o.DeadLetters < 0},
	} {
		if n.bad {
			v.Add(n.key, "must not be negative; leave it out for the default", "RANGE")
		}
	}
	return v.Err()
}

func (o Options) withDefaults() Options {
	def := func(n *int, to int) {
		if *n <= 0 {
			*n = to
		}
	}
	def(&o.Buffer, 1024)
	def(&o.DedupLimit, 4<<20)
	def(&o.DeadLetters, 1000)
	o.Keep = max(o.Keep, 0)
	o.DedupWindow = max(o.DedupWindow, 2*time.Minute)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
