package logkit

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Keys of the attributes that a [Correlator] adds.
const (
	TenantKey = "tenant"
	TraceKey  = "trace_id"
	SpanKey   = "span_id"
)

// A Correlator is a [slog.Handler] that adds to each record what its context is
// about: the tenant of [tenancy.From], and the trace and span of an observer that
// can inject a W3C traceparent ([observe.Propagator]). They stand outside all groups. A context without
// them adds nothing and costs no allocation. It is safe for concurrent use if the inner handler is.
type Correlator struct {
	inner    slog.Handler
	observer observe.Observer
	groups   []openGroup // outermost first; inner does not know them
}

// An openGroup has the name and the attributes that With gave it.
type openGroup struct {
	name  string
	attrs []slog.Attr
}

var _ slog.Handler = (*Correlator)(nil)

// NewCorrelator returns a Correlator before inner. The zero observer knows no trace.
func NewCorrelator(inner slog.Handler, observer observe.Observer) *Correlator {
	return &Correlator{inner: inner, observer: observer}
}

// Enabled asks the inner handler.
func (c *Correlator) Enabled(ctx context.Context, level slog.Level) bool {
	return c.inner.Enabled(ctx, level)
}

// Handle passes on the record with what its context is about.
func (c *Correlator) Handle(ctx context.Context, record slog.Record) error {
	var known [3]slog.Attr
	attrs := c.about(ctx, known[:0])
	if len(c.groups) > 0 {
		record = c.grouped(record)
	} else if len(attrs) > 0 {
		record = record.Clone()
	}
	record.AddAttrs(attrs...)
	return c.inner.Handle(ctx, record)
}

func (c *Correlator) about(ctx context.Context, attrs []slog.Attr) []slog.Attr {
	if id, err := tenancy.From(ctx); err == nil {
		attrs = append(attrs, slog.String(TenantKey, string(id)))
	}
	if _, ok := c.observer.Sink.(observe.Propagator); !ok {
		return attrs
	}
	headers := make(map[string]string, 2)
	c.observer.Inject(ctx, headers)
	if trace, span, ok := parseTraceparent(headers["traceparent"]); ok {
		attrs = append(attrs, slog.String(TraceKey, trace), slog.String(SpanKey, span))
	}
	return attrs
}

// parseTraceparent reads version 00 of the header of W3C Trace Context §3.2, and what later
// versions have in common with it.
func parseTraceparent(h string) (trace, span string, ok bool) {
	if len(h) < 55 || h[2] != '-' || h[35] != '-' || h[52] != '-' {
		return "", "", false
	}
	trace, span = h[3:35], h[36:52]
	const hex = "0123456789abcdef"
	ok = strings.Trim(trace, hex) == "" && strings.Trim(span, hex) == "" &&
		strings.Trim(trace, "0") != "" && strings.Trim(span, "0") != ""
	return trace, span, ok
}

// grouped returns the record with its attributes in the open groups.
func (c *Correlator) grouped(record slog.Record) slog.Record {
	var attrs []slog.Attr
	record.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	for _, g := range slices.Backward(c.groups) {
		attrs = []slog.Attr{{Key: g.name, Value: slog.GroupValue(slices.Concat(g.attrs, attrs)...)}}
	}
	out := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	out.AddAttrs(attrs...)
	return out
}

// WithAttrs returns a Correlator with attrs in the group that is open.
func (c *Correlator) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return c
	}
	out := *c
	if len(c.groups) == 0 {
		out.inner = c.inner.WithAttrs(attrs)
		return &out
	}
	out.groups = slices.Clone(c.groups)
	last := &out.groups[len(out.groups)-1]
	last.attrs = slices.Concat(last.attrs, attrs)
	return &out
}

// WithGroup returns a Correlator of the group.
func (c *Correlator) WithGroup(name string) slog.Handler {
	if name == "" {
		return c
	}
	out := *c
	out.groups = append(slices.Clip(c.groups), openGroup{name: name})
	return &out
}
