package observe_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
)

func Example() {
	var sink observetest.Recorder // in production: a sink of logkit or otelkit
	o := observe.Observer{Sink: &sink}

	get := func(ctx context.Context, key string) (err error) {
		ctx, end := o.Start(ctx, "cache.get", slog.String("cache", "users"))
		defer func() { end(err) }()
		o.Count(ctx, "cache.misses", 1)
		return errors.New("no such key")
	}
	if err := get(context.Background(), "user:7"); err != nil {
		span, _ := sink.Span("cache.get")
		fmt.Println(span.Op, span.Err, sink.Total("cache.misses"))
	}
	// Output: cache.get no such key 1
}

func TestGauge(t *testing.T) {
	var sink observetest.Recorder
	stop := observe.Observer{Sink: &sink}.Gauge("pool.in_use", func() float64 { return 3 })
	if v, ok := sink.Levels()["pool.in_use"]; !ok || v != 3 {
		t.Errorf("gauges %v", sink.Levels())
	}
	stop()
	if len(sink.Levels()) != 0 {
		t.Errorf("gauges %v after stop", sink.Levels())
	}
	observe.Observer{}.Gauge("pool.in_use", func() float64 { t.Error("sampled"); return 0 })()
}

func TestZeroObserverDoesNotAllocate(t *testing.T) {
	var o observe.Observer
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() {
		ctx, end := o.Start(ctx, "op", slog.Int("i", 1), slog.String("s", "x"))
		o.Count(ctx, "n", 1, slog.Int("i", 1))
		o.Record(ctx, "v", 1, slog.Int("i", 1))
		o.Inject(ctx, nil)
		end(nil)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
