package eventssqltest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
	"github.com/lexigram/lexigram-go/lexigram-events/outbox"
	"github.com/lexigram/lexigram-go/lexigram-sql/sqlite"
)

// BenchmarkDrain sends b.N events that wait in the table, of 100 keys, to a
// handler, and marks them.
func BenchmarkDrain(b *testing.B) {
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(b.TempDir(), "events.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	apply(ctx, db)
	box, err := outbox.New(db, outbox.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; i < b.N; i += 500 {
		var evs []events.Event
		for j := i; j < min(i+500, b.N); j++ {
			ev := events.New("/bench", "bench.happened", make([]byte, 128))
			ev.Key = fmt.Sprint(j % 100)
			evs = append(evs, ev)
		}
		if err := box.Publish(ctx, evs...); err != nil {
			b.Fatal(err)
		}
	}
	bus := memoryevents.New(memoryevents.Options{})
	var handled atomic.Int64
	all := make(chan struct{})
	_, err = bus.Subscribe(ctx, events.Subscription{Types: []string{">"}}, func(context.Context, events.Event) error {
		if handled.Add(1) == int64(b.N) {
			close(all)
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	relay, err := outbox.NewRelay(db, bus, outbox.RelayOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if err := relay.Start(ctx); err != nil {
		b.Fatal(err)
	}
	<-all
	if err := relay.Drain(ctx); err != nil { // the last ones are marked
		b.Error(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	if err := bus.Close(ctx); err != nil {
		b.Error(err)
	}
	if handled.Load() != int64(b.N) {
		b.Errorf("handled %d of %d", handled.Load(), b.N)
	}
}
