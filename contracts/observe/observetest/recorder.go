package observetest

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/observe"
)

// A Recorder is a [observe.Sink] that keeps what is reported, for tests of
// instrumented code. The zero value is ready to use; it is safe for concurrent use.
type Recorder struct {
	mu     sync.Mutex
	spans  []Span
	totals map[string]int64
	values map[string][]float64
	gauges map[*gauge]struct{}
}

var (
	_ observe.Sink       = (*Recorder)(nil)
	_ observe.Propagator = (*Recorder)(nil)
	_ observe.Gauger     = (*Recorder)(nil)
)

// A Span is an operation that was started.
type Span struct {
	Op     string
	Parent string // the operation around it, also one of another process, or ""
	Attrs  []slog.Attr
	Ended  bool
	Err    error // what it ended with
	Took   time.Duration
}

type spanKey struct{}

// parentHeader carries the operation across processes.
const parentHeader = "observetest-operation"

// Start records an operation.
func (r *Recorder) Start(ctx context.Context, op string, attrs ...slog.Attr) (context.Context, func(error)) {
	parent, _ := ctx.Value(spanKey{}).(string)
	r.mu.Lock()
	defer r.mu.Unlock()
	i := len(r.spans)
	r.spans = append(r.spans, Span{Op: op, Parent: parent, Attrs: slices.Clone(attrs)})
	began := time.Now()
	return context.WithValue(ctx, spanKey{}, op), func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if s := &r.spans[i]; !s.Ended {
			s.Ended, s.Err, s.Took = true, err, time.Since(began)
		}
	}
}

// Count adds to a total.
func (r *Recorder) Count(_ context.Context, name string, delta int64, _ ...slog.Attr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.totals == nil {
		r.totals = map[string]int64{}
	}
	r.totals[name] += delta
}

// Record keeps a measurement.
func (r *Recorder) Record(_ context.Context, name string, value float64, _ ...slog.Attr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values == nil {
		r.values = map[string][]float64{}
	}
	r.values[name] = append(r.values[name], value)
}

// Inject adds the operation of ctx to headers.
func (r *Recorder) Inject(ctx context.Context, headers map[string]string) {
	if op, ok := ctx.Value(spanKey{}).(string); ok && headers != nil {
		headers[parentHeader] = op
	}
}

// Extract returns ctx within the operation of headers.
func (r *Recorder) Extract(ctx context.Context, headers map[string]string) context.Context {
	if op, ok := headers[parentHeader]; ok {
		return context.WithValue(ctx, spanKey{}, op)
	}
	return ctx
}

type gauge struct {
	mu   sync.Mutex // held while read runs
	name string
	read func() float64 // nil once stopped
}

// Gauge keeps read for [Recorder.Levels].
func (r *Recorder) Gauge(name string, read func() float64, _ ...slog.Attr) (stop func()) {
	g := &gauge{name: name, read: read}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gauges == nil {
		r.gauges = map[*gauge]struct{}{}
	}
	r.gauges[g] = struct{}{}
	return func() {
		r.mu.Lock()
		delete(r.gauges, g)
		r.mu.Unlock()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.read = nil
	}
}

// Spans returns the operations in the order in which they began. The caller owns them.
func (r *Recorder) Spans() []Span {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.spans)
}

// Span returns the last operation of a name; ok is false if there was none.
func (r *Recorder) Span(op string) (span Span, ok bool) {
	for _, s := range slices.Backward(r.Spans()) {
		if s.Op == op {
			return s, true
		}
	}
	return Span{}, false
}

// Total returns the sum of what was counted under name.
func (r *Recorder) Total(name string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.totals[name]
}

// Values returns the measurements of name in their order. The caller owns them.
func (r *Recorder) Values(name string) []float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.values[name])
}

// Levels reads every gauge that is not stopped.
func (r *Recorder) Levels() map[string]float64 {
	r.mu.Lock()
	gauges := slices.Collect(maps.Keys(r.gauges))
	r.mu.Unlock()
	levels := map[string]float64{}
	for _, g := range gauges {
		g.mu.Lock()
		if g.read != nil {
			levels[g.name] = g.read()
		}
		g.mu.Unlock()
	}
	return levels
}
