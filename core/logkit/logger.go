// Package logkit makes the loggers of an application: text for people, JSON for
// machines, secrets hidden; and lets a logger be the sink of observations.
//
//	log, err := logkit.New(os.Stderr, logkit.Options{})
//	observer := observe.Observer{Sink: logkit.NewSink(log)}
package logkit

import (
	"io"
	"log/slog"
	"os"

	"github.com/lexigram/lexigram-go/contracts/errs"
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
	Level  slog.Level `config:"level"` // least level: DEBUG, INFO (the default), WARN, ERROR
	Format Format     `config:"format"`
	Source bool       `config:"source"` // add file and line
}

// Validate says what is wrong with o.
func (o Options) Validate() error {
	var invalid errs.ValidationError
	switch o.Format {
	case "", Auto, Text, JSON:
	default:
		invalid.Add("format", "is not one of auto, text, json", "")
	}
	return invalid.Err()
}

// New returns a logger that writes to w and hides secrets as [Redactor] does. It
// is safe for concurrent use; w stays the caller's and gets one Write a line.
func New(w io.Writer, o Options) (*slog.Logger, error) {
	if w == nil {
		return nil, Err.Wrap(nil, "logkit: new: the writer is nil; use io.Discard to drop everything")
	}
	if err := o.Validate(); err != nil {
		return nil, Err.Wrap(err, "logkit: new")
	}
	options := &slog.HandlerOptions{Level: o.Level, AddSource: o.Source}
	if o.Format == Text || o.Format != JSON && isTerminal(w) {
		return slog.New(NewRedactor(slog.NewTextHandler(w, options))), nil
	}
	return slog.New(NewRedactor(slog.NewJSONHandler(w, options))), nil
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
