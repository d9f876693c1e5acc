package onnats

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/natsevents"
	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

// BenchmarkConsume has a new group handle 50,000 kept events in each operation.
func BenchmarkConsume(b *testing.B) {
	const kept, burst = 50_000, 1_000
	name := "B" + rand.Text()[:10]
	c := natsevents.Config{URL: config.NewSecret(servers.NATS(b)), Options: natsevents.Options{Stream: name, Prefix: name, Partitions: 1}}
	bus, err := natsevents.Open(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	defer forget(b, c)
	defer bus.Close(context.WithoutCancel(b.Context()))
	for range kept / burst {
		evs := make([]events.Event, burst)
		for i := range evs {
			evs[i] = events.New("/bench", "bench.happened", make([]byte, 128))
		}
		if err := bus.Publish(b.Context(), evs...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		var n atomic.Int64
		done := make(chan struct{})
		s := events.Subscription{Types: []string{"bench.>"}, Group: rand.Text(), Begin: events.Earliest}
		c, err := bus.Subscribe(b.Context(), s, func(context.Context, events.Event) error {
			if n.Add(1) == kept {
				close(done)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		<-done
		if err := c.Drain(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(kept*b.N)/b.Elapsed().Seconds(), "events/s")
}
