package memoryevents_test

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

// BenchmarkPublish is one publisher and one handler, until all is handled.
func BenchmarkPublish(b *testing.B) {
	for name, key := range map[string]bool{"plain": false, "keyed": true} {
		b.Run(name, func(b *testing.B) { benchmarkPublish(b, key) })
	}
}

func benchmarkPublish(b *testing.B, keyed bool) {
	ctx := context.Background()
	bus := memoryevents.New(memoryevents.Options{})
	var handled atomic.Int64
	_, err := bus.Subscribe(ctx, events.Subscription{Types: []string{"orders.order.placed"}}, func(context.Context, events.Event) error {
		handled.Add(1)
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	evs := make([]events.Event, b.N)
	for i := range evs {
		evs[i] = events.Event{ID: "0123456789abcdef" + strconv.Itoa(i), Source: "/bench", Type: "orders.order.placed", Schema: 1}
		if keyed {
			evs[i].Key = strconv.Itoa(i % 100)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range evs {
		if err := bus.Publish(ctx, evs[i]); err != nil {
			b.Fatal(err)
		}
	}
	if err := bus.Close(ctx); err != nil {
		b.Fatal(err)
	}
	if n := handled.Load(); n != int64(b.N) {
		b.Fatalf("handled %d of %d", n, b.N)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
