package memoryevents_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/observe/observetest"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryevents"
)

// TestObserver has the trace of the publisher reach the handler, and every
// step be counted.
func TestObserver(t *testing.T) {
	var rec observetest.Recorder
	o := observe.Observer{Sink: &rec}
	bubble(t, memoryevents.Options{Observer: o}, func(t *testing.T, b *memoryevents.Bus) {
		headers := map[string]string{"note": "kept"}
		subscribe(t, b, events.Subscription{}, func(_ context.Context, ev events.Event) error {
			if ev.Headers["note"] != "kept" || len(ev.Headers) < 2 {
				t.Errorf("headers %v, want those of the publisher and its trace", ev.Headers)
			}
			return events.ErrPoison
		})
		ctx, end := o.Start(t.Context(), "request")
		ev := event("1", "k")
		ev.Headers = headers
		if err := b.Publish(ctx, ev); err != nil {
			t.Fatal(err)
		}
		end(nil)
		if len(headers) != 1 {
			t.Errorf("the publisher's headers were changed: %v", headers)
		}
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	if rec.Total("events.published") != 1 || rec.Total("events.dead") != 1 || len(rec.Values("events.handle.duration")) != 1 {
		t.Errorf("published %d, dead %d, handled %v", rec.Total("events.published"), rec.Total("events.dead"), rec.Values("events.handle.duration"))
	}
	span, ok := rec.Span("events.handle")
	if !ok || span.Err == nil || span.Parent != "request" {
		t.Errorf("span %+v, %v", span, ok)
	}
}
