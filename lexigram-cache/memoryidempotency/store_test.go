package memoryidempotency_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/idempotency"
	"github.com/lexigram/lexigram-go/contracts/idempotency/idempotencytest"
	"github.com/lexigram/lexigram-go/lexigram-cache/memoryidempotency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, opts memoryidempotency.Options) *memoryidempotency.Store {
	t.Helper()
	s, err := memoryidempotency.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claim(key string) idempotency.Claim { return idempotency.Claim{Key: key, Token: "t"} }

func TestConformance(t *testing.T) {
	idempotencytest.Run(t, func(t *testing.T) idempotency.Store { return open(t, memoryidempotency.Options{}) }, idempotencytest.Tick(20*time.Millisecond))
}

func TestStepsEndNoClaim(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memoryidempotency.Options{Clock: c})
	if _, own, err := s.Acquire(t.Context(), claim("k"), time.Minute); err != nil || !own {
		t.Fatal(own, err)
	}
	for _, step := range []time.Duration{48 * time.Hour, -96 * time.Hour} {
		c.Step(step)
		if _, err := s.Get(t.Context(), "k"); err != nil {
			t.Errorf("after a step of %v: %v", step, err)
		}
	}
	c.Advance(time.Minute - 1)
	if r, err := s.Get(t.Context(), "k"); err != nil || r.ExpiresAt.Sub(c.Now()) != 1 {
		t.Errorf("a nanosecond before the end: %+v, %v", r, err)
	}
	c.Advance(1)
	if err := s.Complete(t.Context(), claim("k"), nil, time.Hour); !errors.Is(err, idempotency.ErrLost) {
		t.Errorf("at the end: %v", err)
	}
}

// TestBound fills a store, and finds all of it still there.
func TestBound(t *testing.T) {
	c := &clocktest.Fake{}
	s := open(t, memoryidempotency.Options{MaxBytes: 10_000, Clock: c})
	n := 0
	var err error
	for ; err == nil; n++ {
		_, _, err = s.Acquire(t.Context(), claim(fmt.Sprint(n)), time.Minute)
	}
	n-- // was refused
	if !errors.Is(err, idempotency.ErrFull) || errs.KindOf(err) != errs.Exhausted || n < 30 || n > 40 {
		t.Fatalf("%d claims, then %v", n, err)
	}
	if err := s.Complete(t.Context(), claim("0"), make([]byte, 1000), time.Minute); !errors.Is(err, idempotency.ErrFull) {
		t.Errorf("Complete at the bound = %v", err)
	}
	for i := range n {
		if r, err := s.Get(t.Context(), fmt.Sprint(i)); err != nil || r.Status != idempotency.Pending {
			t.Fatalf("claim %d of %d: %+v, %v", i, n, r, err)
		}
	}
	if err := s.Release(t.Context(), claim("1")); err != nil {
		t.Error(err)
	}
	if err := s.Complete(t.Context(), claim("0"), make([]byte, 100), time.Minute); err != nil {
		t.Errorf("Complete once there is room = %v", err)
	}
	c.Advance(time.Minute)
	if _, own, err := s.Acquire(t.Context(), claim("new"), time.Minute); err != nil || !own {
		t.Errorf("expired records fill the store: %v, %v", own, err)
	}
	for i := range 1000 { // keys come once
		if _, _, err := s.Acquire(t.Context(), claim(fmt.Sprint("key", i)), time.Second); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
	}
	if n := s.Len(); n > 2 {
		t.Errorf("%d records are kept, at most one is live", n)
	}
	if _, err := memoryidempotency.New(memoryidempotency.Options{MaxBytes: -1}); !errors.Is(err, errs.ErrValidation) {
		t.Errorf("New with a negative bound = %v", err)
	}
}
