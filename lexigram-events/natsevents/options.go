package natsevents

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Options say what a [Bus] declares on the server and how it behaves. The zero
// value is ready to use. What names the streams, from Stream to AckWait, must
// be the same in every process of a bus; see [ErrDrift].
type Options struct {
	// Stream names the stream of events. "<Stream>-dead" holds the dead letters,
	// and the bucket "<Stream>-groups" who works on what. "" means "LEXIGRAM".
	Stream string `config:"stream"`
	// Prefix begins every subject. "" means "lexigram.events".
	Prefix string `config:"prefix"`
	// Partitions is how many processes can share the work of a group at most.
	// Each group has as many consumers on the server. 0 means 4; 256 is the most.
	Partitions int `config:"partitions"`
	// Replicas is how many servers keep each event. 0 means 1.
	Replicas int `config:"replicas"`
	// Memory has the server keep events in memory only.
	Memory bool `config:"memory"`
	// MaxAge is how long an event is kept, handled or not. 0 means 7 days.
	MaxAge time.Duration `config:"max_age"`
	// MaxBytes is how many bytes of events are kept. Publish blocks while they
	// are used up, until MaxAge makes room. 0 means as many as the server allows.
	MaxBytes int64 `config:"max_bytes"`
	// DeadAge is how long a dead letter is kept. 0 means 90 days.
	DeadAge time.Duration `config:"dead_age"`
	// DedupWindow is how long an equal Source and ID of one tenant is the same
	// event. 0 means two minutes, which is the least.
	DedupWindow time.Duration `config:"dedup_window"`
	// Buffer is how many events of a partition a group holds at most: waiting,
	// being handled, and waiting for another attempt. Behind a key that holds
	// that many back, other keys of its partition wait. 0 means 4,096.
	Buffer int `config:"buffer"`
	// AckWait is how long after its last sign of life the server gives the
	// events that a process held to another one. It does not bound handlers:
	// a live process gives signs. 0 means 10 s.
	AckWait time.Duration `config:"ack_wait"`
	// Lease is how long a partition stays with a process that has gone
	// without a word. 0 means 10 s.
	Lease time.Duration `config:"lease"`
	// Window is how many events are on their way to the server at most;
	// Publish blocks beyond it. 0 means 4,096.
	Window int `config:"window"`
	// PublishTimeout is how long Publish goes on sending an event to a server
	// that is not there or does not answer, if ctx does not end before. 0 means 30 s.
	PublishTimeout time.Duration `config:"publish_timeout"`
	// Update has streams and consumers that were declared otherwise changed to
	// what these options say, instead of an error wrapping [ErrDrift].
	Update bool `config:"update"`
	// Require refuses to open a bus that is less durable: "file" refuses
	// memory, "replicated" refuses fewer than three replicas too. "" refuses
	// nothing. See [Durability].
	Require string `config:"require"`

	Logger   *slog.Logger     `config:"-"` // nil discards
	Observer observe.Observer `config:"-"` // the zero value reports nothing
}

// What Options.Require may be.
const (
	RequireFile       = "file"
	RequireReplicated = "replicated"
)

// Validate returns an error wrapping [events.ErrInvalid] that names every field
// out of range.
func (o Options) Validate() error {
	_, err := o.withDefaults()
	return err
}

func (o Options) withDefaults() (Options, error) {
	var v errs.ValidationError
	if o.Stream == "" {
		o.Stream = "LEXIGRAM"
	}
	if o.Prefix == "" {
		o.Prefix = "lexigram.events"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if !isStream(o.Stream) {
		v.Add("stream", fmt.Sprintf("is %.40q: it must be 1 to 32 letters, digits, \"-\" and \"_\"", o.Stream), "FORMAT")
	}
	if !isPrefix(o.Prefix) {
		v.Add("prefix", fmt.Sprintf("is %.40q: it must be 1 to 64 letters, digits, \"-\" and \"_\" in dot-separated tokens", o.Prefix), "FORMAT")
	}
	o.numbers(&v)
	o.durations(&v)
	switch o.Require {
	case "", RequireFile, RequireReplicated:
	default:
		v.Add("require", fmt.Sprintf("is %.40q: it must be %q, %q or left out", o.Require, RequireFile, RequireReplicated), "ENUM")
	}
	if err := v.Err(); err != nil {
		return o, events.ErrInvalid.Wrap(err, "natsevents: options")
	}
	return o, nil
}

func (o *Options) numbers(v *errs.ValidationError) {
	for _, n := range []struct {
		key      string
		of       *int
		def, max int
	}{
		{"partitions", &o.Partitions, 4, 256},
		{"replicas", &o.Replicas, 1, 5},
		{"buffer", &o.Buffer, 4096, 1 << 20},
		{"window", &o.Window, 4096, 1 << 20},
	} {
		if *n.of == 0 {
			*n.of = n.def
		}
		if *n.of < 0 || *n.of > n.max {
			v.Add(n.key, fmt.Sprintf("is %d: it must be 1 to %d, or 0 for %d", *n.of, n.max, n.def), "RANGE")
		}
	}
	if o.MaxBytes < 0 {
		v.Add("max_bytes", fmt.Sprintf("is %d: it must not be negative", o.MaxBytes), "RANGE")
	}
}

func (o *Options) durations(v *errs.ValidationError) {
	const day = 24 * time.Hour
	for _, d := range []struct {
		key      string
		of       *time.Duration
		def, min time.Duration
	}{
		{"dedup_window", &o.DedupWindow, 2 * time.Minute, 2 * time.Minute},
		{"max_age", &o.MaxAge, max(7*day, o.DedupWindow), max(o.DedupWindow, 2*time.Minute)},
		{"dead_age", &o.DeadAge, 90 * day, 2 * time.Minute},
		{"ack_wait", &o.AckWait, 10 * time.Second, 100 * time.Millisecond},
		{"lease", &o.Lease, 10 * time.Second, time.Second},
		{"publish_timeout", &o.PublishTimeout, 30 * time.Second, time.Millisecond},
	} {
		if *d.of == 0 {
			*d.of = d.def
		}
		if *d.of < d.min {
			v.Add(d.key, fmt.Sprintf("is %v: it must be at least %v, or 0 for %v", *d.of, d.min, d.def), "RANGE")
		}
	}
}

func isStream(s string) bool { return len(s) <= 32 && isPrefix(s) && !strings.Contains(s, ".") }

// isPrefix reports whether s may begin a subject: it is what a type may be.
func isPrefix(s string) bool {
	return len(s) <= 64 && events.Check(events.Event{ID: "1", Source: "/", Type: s}) == nil
}
