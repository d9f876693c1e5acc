// Package logkit makes the loggers of an application: text for people, JSON for
// machines, secrets hidden, with the tenant and the trace of the context, by levels
// that change while the program runs, in samples where lines repeat; and lets a logger be
// the sink of observations.
//
//	log, err := logkit.New(os.Stderr, logkit.Options{})
//	observer := observe.Observer{Sink: logkit.NewSink(log)}
//
// Each of its handlers works alone before any [slog.Handler].
package logkit

import (
	"errors"
	"io"
	"log/slog"
	"math"
	"os"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// Err is matched by every error of this package.
var Err = errs.New("LEX_ERR_LOG_001", errs.Invalid, "logkit")

// A Format says how lines look.
type Format string

// The formats. The zero value is [Auto].
const (
	Auto Format = "auto" // Text on a terminal, JSON otherwise
	Text Format = "text" // key=value
	JSON Format = "json" // an object a line
)

// Options are those of [New]. The zero value logs at Info and above, in the [Auto]
// format. The exported names are configuration keys too.
type Options struct {
	Level  slog.Level            `config:"level"`  // least level: DEBUG, INFO (the default), WARN, ERROR
	Levels map[string]slog.Level `config:"levels"` // least levels of loggers by name, as those of [Named]
	Format Format                `config:"format"`
	Source bool                  `config:"source"` // add file and line
	Sample Sample                `config:"sample"` // how many of the same lines are written; all by default

	// Control lets the program change the levels while it runs; New sets those above in it. It may be nil.
	Control *Levels `config:"-"`
	// Observer tells the trace of a context, if it can; the zero value does not.
	Observer observe.Observer `config:"-"`
}

// Validate says what is wrong with o.
func (o Options) Validate() error {
	var invalid errs.ValidationError
	switch o.Format {
	case "", Auto, Text, JSON:
	default:
		invalid.Add("format", "is not one of auto, text, json", "")
	}
	if sample, wrong := errors.AsType[*errs.ValidationError](o.Sample.Validate()); wrong {
		for _, f := range sample.Fields {
			invalid.Add("sample."+f.Field, f.Message, f.Code)
		}
	}
	return invalid.Err()
}

// New returns a logger that writes to w what the levels of its name let through
// ([Filter]), in samples if it is told to ([Sampler]), with tenant and trace
// ([Correlator]), without secrets ([Redactor]). It is safe for concurrent use;
// w stays the caller's and gets one Write a line.
func New(w io.Writer, o Options) (*slog.Logger, error) {
	if w == nil {
		return nil, Err.Wrap(errors.New("the writer is nil; use io.Discard to drop everything"), "logkit: new")
	}
	if err := o.Validate(); err != nil {
		return nil, Err.Wrap(err, "logkit: new")
	}
	levels := o.Control
	if levels == nil {
		levels = new(Levels)
	}
	levels.Set("", o.Level)
	for name, level := range o.Levels {
		levels.Set(name, level)
	}
	options := &slog.HandlerOptions{Level: slog.Level(math.MinInt), AddSource: o.Source} // the Filter's levels decide
	var h slog.Handler = slog.NewJSONHandler(w, options)
	if o.Format == Text || o.Format != JSON && isTerminal(w) {
		h = slog.NewTextHandler(w, options)
	}
	h = NewCorrelator(NewRedactor(h), o.Observer)
	if o.Sample.First > 0 {
		sampler, err := NewSampler(h, o.Sample)
		if err != nil {
			return nil, err
		}
		h = sampler
	}
	return slog.New(NewFilter(h, levels)), nil
}

// isTerminal reports whether w is a character device, which is as much as the
// standard library can tell; /dev/null is one, and loses nothing.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
