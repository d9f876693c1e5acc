package logkit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
)

// A Sink writes what is observed to a logger, for development and for programs
// without a telemetry system: operations when they end, with how long they took,
// counts and measurements. All of it is at Debug but operations that failed, which are at
// Warn; one that was cancelled did not fail. It is safe for concurrent use.
//
// It blocks as long as the logger's handler does. A panic of the handler, or of a value that it is
// given, is caught and the line lost: the observed operation goes on.
type Sink struct {
	log *slog.Logger
}

var _ observe.Sink = (*Sink)(nil)

// NewSink returns a sink that writes to log; nil drops everything. Pass the
// logger of [New], so that attributes with secrets are hidden.
func NewSink(log *slog.Logger) *Sink {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Sink{log: log}
}

// Start begins an operation; its end writes the line.
func (s *Sink) Start(ctx context.Context, op string, attrs ...slog.Attr) (context.Context, func(error)) {
	began := time.Now()
	var once sync.Once
	return ctx, func(err error) {
		once.Do(func() { s.end(ctx, op, time.Since(began), err, attrs) })
	}
}

func (s *Sink) end(ctx context.Context, op string, took time.Duration, err error, attrs []slog.Attr) {
	level := slog.LevelDebug
	if err != nil && errs.KindOf(err) != errs.Canceled {
		level = slog.LevelWarn
	}
	more := []slog.Attr{slog.Duration("took", took)}
	if err != nil {
		more = append(more, slog.Any("error", err), slog.String("kind", errs.KindOf(err).String()))
	}
	s.write(ctx, level, op, more, attrs)
}

// Count writes a line with delta.
func (s *Sink) Count(ctx context.Context, name string, delta int64, attrs ...slog.Attr) {
	s.write(ctx, slog.LevelDebug, name, []slog.Attr{slog.Int64("count", delta)}, attrs)
}

// Record writes a line with the measurement.
func (s *Sink) Record(ctx context.Context, name string, value float64, attrs ...slog.Attr) {
	s.write(ctx, slog.LevelDebug, name, []slog.Attr{slog.Float64("value", value)}, attrs)
}

func (s *Sink) write(ctx context.Context, level slog.Level, text string, own, attrs []slog.Attr) {
	if !s.log.Enabled(ctx, level) {
		return
	}
	// Nothing is said about a panic: the one who would be told is the handler that panicked.
	_ = errs.Catch(func() error {
		s.log.LogAttrs(ctx, level, text, append(own, attrs...)...)
		return nil
	})
}
