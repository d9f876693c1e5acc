package memorystate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/state"
	"github.com/lexigram/lexigram-go/contracts/state/statetest"
	"github.com/lexigram/lexigram-go/lexigram-cache/memorystate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, opts memorystate.Options) *memorystate.Store {
	t.Helper()
	s, err := memorystate.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	statetest.Run(t, func(t *testing.T) state.Store { return open(t, memorystate.Options{}) }, statetest.Tick(20*time.Millisecond))
}

func TestEndIsExactAndIgnoresSteps(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memorystate.Options{Clock: c})
	if err := s.Set(t.Context(), "k", nil, time.Minute); err != nil {
		t.Fatal(err)
	}
	c.Step(-time.Hour)
	c.Step(48 * time.Hour)
	c.Advance(time.Minute - 1)
	if ttl, err := s.TTL(t.Context(), "k"); ttl != 1 || err != nil {
		t.Errorf("a nanosecond before the end: %v, %v", ttl, err)
	}
	c.Advance(1)
	if _, err := s.TTL(t.Context(), "k"); !errors.Is(err, state.ErrNotFound) {
		t.Errorf("at the end: %v", err)
	}
}

// TestBound fills a store, and finds all of it still there.
func TestBound(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memorystate.Options{MaxBytes: 10_000, Clock: c})
	value := make([]byte, 100)
	n := 0
	var err error
	for ; err == nil; n++ {
		err = s.Set(t.Context(), fmt.Sprint(n), value, time.Minute)
	}
	n-- // was refused
	if !errors.Is(err, state.ErrFull) || errs.KindOf(err) != errs.Exhausted || n < 30 || n > 40 {
		t.Fatalf("%d entries, then %v", n, err)
	}
	for i := range n {
		if _, err := s.Get(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatalf("entry %d of %d: %v", i, n, err)
		}
	}
	bigger := make([]byte, 1000)
	for op, err := range map[string]error{
		"Create": s.Create(t.Context(), "new", value, 0), "Swap": s.Swap(t.Context(), "0", value, bigger, 0),
		"SetMany": s.SetMany(t.Context(), map[string][]byte{"new": value}, 0), "Set": s.Set(t.Context(), "0", bigger, 0),
	} {
		if !errors.Is(err, state.ErrFull) {
			t.Errorf("%s at the bound = %v", op, err)
		}
	}
	if got, err := s.Get(t.Context(), "0"); err != nil || len(got) != len(value) {
		t.Errorf("what could not grow is %d bytes, %v", len(got), err)
	}
	if err := s.Set(t.Context(), "0", value, time.Minute); err != nil {
		t.Errorf("Set of an entry in its own place = %v", err)
	}
	c.Advance(time.Minute)
	if err := s.Set(t.Context(), "new", make([]byte, 9_000), 0); err != nil {
		t.Errorf("expired entries fill the store: %v", err)
	}
	if s.Len() != 1 {
		t.Errorf("%d entries are kept, one is live", s.Len())
	}
	if err := s.Set(t.Context(), "huge", make([]byte, 10_001), 0); !errors.Is(err, state.ErrFull) {
		t.Errorf("Set of more than the bound = %v", err)
	}
}

func TestExpiredEntriesGo(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memorystate.Options{Clock: c})
	for i := range 10_000 { // keys come once, and are never deleted
		if err := s.Set(t.Context(), fmt.Sprint(i), nil, time.Second); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Millisecond)
	}
	if n := s.Len(); n > 1001 {
		t.Errorf("%d entries are kept, 1,000 are live", n)
	}
}

func TestOptions(t *testing.T) {
	if _, err := memorystate.New(memorystate.Options{MaxBytes: -1}); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("New with a negative bound = %v", err)
	}
}

func BenchmarkSet(b *testing.B) {
	s, err := memorystate.New(memorystate.Options{})
	if err != nil {
		b.Fatal(err)
	}
	ctx, value := context.Background(), make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Set(ctx, "k", value, time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}
