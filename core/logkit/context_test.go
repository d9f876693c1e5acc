package logkit_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/logkit"
)

func TestCorrelator(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(logkit.NewCorrelator(slog.NewJSONHandler(&out, nil), tracing))
	ctx := tenancy.With(t.Context(), "acme")
	trace := map[string]any{"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7", "tenant": "acme"}
	for name, c := range map[string]struct {
		log  *slog.Logger
		want map[string]any // besides the trace
	}{
		"plain":         {log, map[string]any{"k": 1.0}},
		"with":          {log.With("a", 1), map[string]any{"a": 1.0, "k": 1.0}},
		"in a group":    {log.With("a", 1).WithGroup("g").With("b", 2), map[string]any{"a": 1.0, "g": map[string]any{"b": 2.0, "k": 1.0}}},
		"in two groups": {log.WithGroup("g").WithGroup("h"), map[string]any{"g": map[string]any{"h": map[string]any{"k": 1.0}}}},
	} {
		out.Reset()
		c.log.InfoContext(ctx, "hello", "k", 1)
		var got map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		for k, v := range trace {
			if got[k] != v {
				t.Errorf("%s: %s = %v, want %v", name, k, got[k], v)
			}
			delete(got, k)
		}
		for _, k := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
			delete(got, k)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestCorrelatorOfNothing: what is not known, or is no trace, is not there.
func TestCorrelatorOfNothing(t *testing.T) {
	const zero = "00000000000000000000000000000000"
	for _, header := range []string{
		"", "00", "garbage", strings.Repeat("-", 60), "00-" + zero + "-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-" + zero[:16] + "-01",
		strings.ToUpper(traceparent), "00-4bf92f3577b34da6a3ce929d0e0e473\n-00f067aa0ba902b7-01", traceparent[:54],
	} {
		var out bytes.Buffer
		observer := observe.Observer{Sink: tracer{logkit.NewSink(nil), header}}
		slog.New(logkit.NewCorrelator(slog.NewTextHandler(&out, nil), observer)).InfoContext(t.Context(), "hello")
		if s := out.String(); strings.Contains(s, "trace_id") || strings.Contains(s, "span_id") || strings.Contains(s, "tenant") {
			t.Errorf("traceparent %q: %s", header, s)
		}
	}
}

func TestCorrelatorDoesNotChangeTheRecord(t *testing.T) {
	h := logkit.NewCorrelator(slog.DiscardHandler, tracing)
	r := slog.Record{Message: "m"}
	for i := range 7 { // more than a record has room for without a list
		r.AddAttrs(slog.Int("k", i))
	}
	for range 2 {
		if err := h.Handle(tenancy.With(t.Context(), "acme"), r); err != nil {
			t.Fatal(err)
		}
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "k" {
			t.Errorf("the record has %v", a)
		}
		return true
	})
}

// TestHandlersAllocateNothing: what does nothing costs nothing.
func TestHandlersAllocateNothing(t *testing.T) {
	ctx := t.Context()
	for name, h := range map[string]slog.Handler{
		"filter":     logkit.NewFilter(slog.DiscardHandler, new(logkit.Levels)),
		"sampler":    sampler(t, counting(), logkit.Sample{First: 1}),
		"correlator": logkit.NewCorrelator(counting(), observe.Observer{}),
	} {
		log := slog.New(h)
		if n := testing.AllocsPerRun(100, func() { log.LogAttrs(ctx, slog.LevelInfo, "hello", slog.Int("a", 1)) }); n != 0 {
			t.Errorf("%s: %v allocations a line", name, n)
		}
	}
}
