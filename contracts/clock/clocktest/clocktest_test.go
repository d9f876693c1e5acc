package clocktest

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock"
)

func TestFakeConformance(t *testing.T) {
	Run(t, func(*testing.T) clock.Clock { return new(Fake) })
	Run(t, func(*testing.T) clock.Clock { return &Fake{Follow: clock.System{}} })
}

// A broken clock is a Fake in which one method does something else.
type broken struct {
	Fake
	now       func(*Fake) time.Time
	monotonic func(*Fake) time.Duration
}

func (b *broken) Now() time.Time {
	if b.now != nil {
		return b.now(&b.Fake)
	}
	return b.Fake.Now()
}

func (b *broken) Monotonic() time.Duration {
	if b.monotonic != nil {
		return b.monotonic(&b.Fake)
	}
	return b.Fake.Monotonic()
}

// TestBroken gives each rule a clock that breaks it.
func TestBroken(t *testing.T) {
	var turns, reading atomic.Int64
	clocks := map[string]*broken{
		"UTC":       {now: func(*Fake) time.Time { return time.Now() }},
		"monotonic": {monotonic: func(*Fake) time.Duration { return time.Duration(turns.Add(1) % 5_000) }},
		"steps":     {monotonic: func(f *Fake) time.Duration { return time.Duration(f.Now().UnixNano()) }},
		"concurrent use": {monotonic: func(*Fake) time.Duration { // ahead for as long as somebody else reads too
			reading.Add(1)
			time.Sleep(1)
			if reading.Add(-1) > 0 {
				return 1
			}
			return 0
		}},
	}
	for _, r := range rules {
		c, ok := clocks[r.name]
		if !ok {
			t.Errorf("rule %q: no clock breaks it, so nothing shows that its check works", r.name)
			continue
		}
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(c); err == nil {
				t.Errorf("rule %q: the clock that breaks it passed", r.name)
			}
		})
	}
}

func TestFake(t *testing.T) {
	var f Fake
	start := f.Now()
	if want := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); start != want {
		t.Errorf("begins at %v, want %v", start, want)
	}
	f.Advance(time.Hour)
	f.Step(-3 * time.Hour)
	if got := f.Now().Sub(start); got != -2*time.Hour {
		t.Errorf("an hour on and three back = %v", got)
	}
	if got := f.Monotonic(); got != time.Hour {
		t.Errorf("Monotonic = %v, want an hour", got)
	}
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "use Step") {
			t.Errorf("Advance(-1) panicked with %q", text)
		}
	}()
	f.Advance(-1)
}

func TestFakeFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := Fake{Follow: clock.System{}}
		f.Step(-time.Hour)
		now, mono := f.Now(), f.Monotonic()
		if got := time.Since(now); got != time.Hour {
			t.Errorf("it is %v behind, want an hour", got)
		}
		time.Sleep(time.Minute)
		f.Advance(time.Second)
		const want = time.Minute + time.Second
		if got := f.Now().Sub(now); got != want {
			t.Errorf("Now went on by %v, want %v", got, want)
		}
		if got := f.Monotonic() - mono; got != want {
			t.Errorf("Monotonic went on by %v, want %v", got, want)
		}
	})
}
