package loading_test

import (
	"bytes"
	"context"
	"log/slog"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/observe"
)

// sink collects counters by their result, and log lines.
type sink struct {
	mu     sync.Mutex
	counts map[string]int64
	lines  bytes.Buffer
}

func newSink() *sink { return &sink{counts: map[string]int64{}} }

func (s *sink) observer() observe.Observer { return observe.Observer{Sink: s} }
func (s *sink) logger() *slog.Logger       { return slog.New(slog.NewTextHandler(&s.lines, nil)) }
func (s *sink) text() string               { return s.lines.String() }

func (s *sink) count(result string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[result]
}

func (s *sink) Start(ctx context.Context, _ string, _ ...slog.Attr) (context.Context, func(error)) {
	return ctx, func(error) {}
}

func (s *sink) Count(_ context.Context, _ string, delta int64, attrs ...slog.Attr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[attrs[0].Value.String()] += delta
}

func (s *sink) Record(context.Context, string, float64, ...slog.Attr) {}
