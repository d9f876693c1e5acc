package logkit

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// A Sample says how many lines with the same level and message are written; the
// attributes may differ. The zero value writes all. The exported names are configuration keys too.
type Sample struct {
	First    int           `config:"first"`    // lines that are written in each interval; 0 writes all
	Every    int           `config:"every"`    // after them, one in so many is written; 0 means none
	Interval time.Duration `config:"interval"` // 0 means a second
}

// Validate says what is wrong with s.
func (s Sample) Validate() error {
	var invalid errs.ValidationError
	if s.First < 0 {
		invalid.Add("first", "is negative", "RANGE")
	}
	if s.Every < 0 {
		invalid.Add("every", "is negative", "RANGE")
	}
	if s.Interval < 0 {
		invalid.Add("interval", "is negative", "RANGE")
	}
	if s.First == 0 && (s.Every != 0 || s.Interval != 0) {
		invalid.Add("first", "is 0, which writes all: set it, or neither every nor interval", "")
	}
	return invalid.Err()
}

// DroppedKey is the key of the attribute with which a line says how many like
// it were not written before it.
const DroppedKey = "dropped"

// A Sampler is a [slog.Handler] that lets another one handle only a [Sample] of
// lines that repeat, so that a fault that logs a million lines does not cost a disk. Lines at Error
// and above are all written. The next line like those that were not says in [DroppedKey] how many there
// were, in the group that is open.
//
// It counts in a table of fixed size, 4,096 counters, by a hash: two messages can
// share one, and then the limit. Time is that of the records, and steps of the clock do not matter. It takes
// no lock; it is safe for concurrent use if the inner handler is, and then counts a little
// more or less than it should where an interval ends.
type Sampler struct {
	inner slog.Handler
	table *sampleTable // shared by all that With makes
}

var _ slog.Handler = (*Sampler)(nil)

type sampleTable struct {
	sample   Sample
	start    time.Time
	seed     maphash.Seed
	dropped  atomic.Uint64
	counters [4096]sampleCounter
}

type sampleCounter struct {
	end     atomic.Int64 // of the interval, from start
	lines   atomic.Uint64
	dropped atomic.Uint64 // and not yet told
}

// NewSampler returns a Sampler before inner, or an error wrapping [Err].
func NewSampler(inner slog.Handler, s Sample) (*Sampler, error) {
	if err := s.Validate(); err != nil {
		return nil, Err.Wrap(err, "logkit: new sampler")
	}
	if s.Interval == 0 {
		s.Interval = time.Second
	}
	return &Sampler{inner: inner, table: &sampleTable{sample: s, start: time.Now(), seed: maphash.MakeSeed()}}, nil
}

// Dropped returns how many lines were not written, by this handler and all that
// are made of it.
func (s *Sampler) Dropped() uint64 { return s.table.dropped.Load() }

// Enabled asks the inner handler.
func (s *Sampler) Enabled(ctx context.Context, level slog.Level) bool {
	return s.inner.Enabled(ctx, level)
}

// Handle passes the record on, or drops it and returns nil.
func (s *Sampler) Handle(ctx context.Context, record slog.Record) error {
	if s.table.sample.First == 0 || record.Level >= slog.LevelError {
		return s.inner.Handle(ctx, record)
	}
	c := s.table.counter(record)
	if !s.table.takes(c, record.Time) {
		c.dropped.Add(1)
		s.table.dropped.Add(1)
		return nil
	}
	if n := c.dropped.Swap(0); n > 0 {
		record = record.Clone()
		record.AddAttrs(slog.Uint64(DroppedKey, n))
	}
	return s.inner.Handle(ctx, record)
}

func (t *sampleTable) counter(record slog.Record) *sampleCounter {
	h := maphash.String(t.seed, record.Message) + uint64(record.Level)*0x9e3779b97f4a7c15 // the golden ratio spreads levels
	return &t.counters[h%uint64(len(t.counters))]
}

// takes reports whether the next line of c is written.
func (t *sampleTable) takes(c *sampleCounter, at time.Time) bool {
	if at.IsZero() {
		at = time.Now()
	}
	now := int64(at.Sub(t.start)) // by the monotonic clock, if the record has a reading of it
	end := c.end.Load()
	if begin := end - int64(t.sample.Interval); now >= end || now < begin {
		if c.end.CompareAndSwap(end, now+int64(t.sample.Interval)) {
			c.lines.Store(0)
		}
	}
	n, first := c.lines.Add(1), uint64(t.sample.First)
	if n <= first {
		return true
	}
	return t.sample.Every > 0 && (n-first)%uint64(t.sample.Every) == 0
}

// WithAttrs returns a Sampler whose inner handler has attrs. It shares the counters.
func (s *Sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &Sampler{inner: s.inner.WithAttrs(attrs), table: s.table}
}

// WithGroup returns a Sampler whose inner handler has the group. It shares the counters.
func (s *Sampler) WithGroup(name string) slog.Handler {
	if name == "" {
		return s
	}
	return &Sampler{inner: s.inner.WithGroup(name), table: s.table}
}
