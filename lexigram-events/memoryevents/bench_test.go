package memoryevents_test

import (
	"context"
	"fmt"
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
	ids := make([]byte, 0, b.N*20) // one object, so that the figures are not those of the collector
	for i := range b.N {
		ids = fmt.Appendf(ids, "%020d", i)
	}
	all := string(ids)
	keys := [100]string{}
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		ev := events.Event{ID: all[i*20 : (i+1)*20], Source: "/bench", Type: "orders.order.placed", Schema: 1}
		if keyed {
			ev.Key = keys[i%len(keys)]
		}
		if err := bus.Publish(ctx, ev); err != nil {
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
