package logkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"testing"
	"testing/slogtest"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/logkit"
)

// A tracer is a sink whose contexts have a trace.
type tracer struct {
	observe.Sink
	header string
}

func (t tracer) Inject(_ context.Context, headers map[string]string) {
	headers["traceparent"] = t.header
}

func (tracer) Extract(ctx context.Context, _ map[string]string) context.Context { return ctx }

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

var tracing = observe.Observer{Sink: tracer{logkit.NewSink(nil), traceparent}}

func sampler(t testing.TB, inner slog.Handler, s logkit.Sample) *logkit.Sampler {
	t.Helper()
	h, err := logkit.NewSampler(inner, s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// handlers are all of them, before inner.
func handlers(t testing.TB) map[string]func(inner slog.Handler) slog.Handler {
	sample := logkit.Sample{First: 1000}
	return map[string]func(slog.Handler) slog.Handler{
		"plain":             func(h slog.Handler) slog.Handler { return h },
		"redactor":          func(h slog.Handler) slog.Handler { return logkit.NewRedactor(h) },
		"filter":            func(h slog.Handler) slog.Handler { return logkit.NewFilter(h, new(logkit.Levels)) },
		"sampler":           func(h slog.Handler) slog.Handler { return sampler(t, h, sample) },
		"correlator":        func(h slog.Handler) slog.Handler { return logkit.NewCorrelator(h, observe.Observer{}) },
		"correlator, trace": func(h slog.Handler) slog.Handler { return logkit.NewCorrelator(h, tracing) },
		"all": func(h slog.Handler) slog.Handler {
			return logkit.NewFilter(sampler(t, logkit.NewCorrelator(logkit.NewRedactor(h), tracing), sample), new(logkit.Levels))
		},
		"all, inside out": func(h slog.Handler) slog.Handler {
			return logkit.NewRedactor(logkit.NewCorrelator(sampler(t, logkit.NewFilter(h, new(logkit.Levels)), sample), tracing))
		},
	}
}

func TestHandlerConformance(t *testing.T) {
	for name, wrap := range handlers(t) {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			slogtest.Run(t, func(*testing.T) slog.Handler {
				out.Reset()
				return wrap(slog.NewJSONHandler(&out, nil))
			}, func(t *testing.T) map[string]any {
				var m map[string]any
				if err := json.Unmarshal(out.Bytes(), &m); err != nil {
					t.Fatal(err)
				}
				return m
			})
		})
	}
}

// TestSiblings: two loggers made of one do not write each other's attributes.
func TestSiblings(t *testing.T) {
	for name, wrap := range handlers(t) {
		var out bytes.Buffer
		root := slog.New(wrap(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == logkit.TraceKey || a.Key == logkit.SpanKey) {
				return slog.Attr{}
			}
			return a
		}})))
		parent := root.With("a", 1).WithGroup("g").With("b", 2)
		one := parent.With("c", 3)
		two := parent.With("d", 4).WithGroup("h").With("e", 5)
		one.Info("one", "x", 1)
		two.Info("two", "y", 2)
		parent.Info("parent")
		root.WithGroup("empty").Info("none")
		const want = `{"level":"INFO","msg":"one","a":1,"g":{"b":2,"c":3,"x":1}}
{"level":"INFO","msg":"two","a":1,"g":{"b":2,"d":4,"h":{"e":5,"y":2}}}
{"level":"INFO","msg":"parent","a":1,"g":{"b":2}}
{"level":"INFO","msg":"none"}
`
		if got := out.String(); got != want {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

func BenchmarkHandlers(b *testing.B) {
	for name, wrap := range handlers(b) {
		log := slog.New(wrap(slog.NewJSONHandler(io.Discard, nil)))
		ctx := tenancy.With(b.Context(), "acme")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				log.LogAttrs(ctx, slog.LevelInfo, "hello", slog.Int("a", 1), slog.String("b", "two"), slog.Bool("c", true), slog.Duration("d", 4), slog.String("e", "five"))
			}
		})
	}
}
