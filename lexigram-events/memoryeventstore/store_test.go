package memoryeventstore_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/eventstore"
	"github.com/lexigram/lexigram-go/contracts/eventstore/eventstoretest"
	"github.com/lexigram/lexigram-go/lexigram-events/memoryeventstore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	eventstoretest.Run(t, func(*testing.T) eventstore.Log { return memoryeventstore.New() })
}

// A position that outlived the process of its store is before all of the next.
func TestPositionOfAnEarlierStore(t *testing.T) {
	first, second := memoryeventstore.New(), memoryeventstore.New()
	var last eventstore.Appended
	for range 3 {
		done, err := first.Append(t.Context(), "a", eventstore.Any, events.New("/", "a", nil))
		if err != nil {
			t.Fatal(err)
		}
		last = done
	}
	if _, err := second.Append(t.Context(), "a", eventstore.NoStream, events.New("/", "a", nil)); err != nil {
		t.Fatal(err)
	}
	n := 0
	for rec, err := range second.ReadAll(t.Context(), last.Position) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; rec.Position <= last.Position {
			t.Errorf("position %q is not after %q", rec.Position, last.Position)
		}
	}
	if n != 1 {
		t.Errorf("%d events after the position of an earlier store, want 1", n)
	}
	_, err := second.Append(t.Context(), "a", 1, events.New("/", "a", nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, pos := range []eventstore.Position{last.Position[:17] + "0000000009", "ffffffffffffffff.0000000001", "0.", ".", "0.-1"} {
		for _, err := range first.ReadAll(t.Context(), pos) {
			if !errors.Is(err, eventstore.ErrPosition) {
				t.Errorf("ReadAll(%q) = %v, want ErrPosition", pos, err)
			}
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := memoryeventstore.New()
	ev := events.New("/orders", "orders.order.placed", []byte(`{"order":7}`))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Append(b.Context(), "order-7", eventstore.Any, ev); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAll(b *testing.B) {
	s := memoryeventstore.New()
	ev := events.New("/orders", "orders.order.placed", []byte(`{"order":7}`))
	for range 1000 {
		if _, err := s.Append(b.Context(), "order-7", eventstore.Any, ev); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range s.ReadAll(b.Context(), "") {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
