package loading

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// TestXFetchSign: the logarithm of a share is negative, so that its share of the
// load's time brings the refresh forward and never puts it off.
func TestXFetchSign(t *testing.T) {
	h := header{hard: time.Minute, took: time.Second}
	for range 10_000 {
		age, draw, beta := time.Duration(rand.Int64N(int64(2*time.Minute))), rand.Float64(), 10*rand.Float64()
		due := h.due(age, beta, draw)
		if age >= h.hard && !due && beta > 0 {
			t.Fatalf("age %v of %v: not due", age, h.hard)
		}
		if due && !h.due(age+time.Second, beta, draw) {
			t.Fatalf("due at %v and not a second later", age)
		}
		if due && !h.due(age, 2*beta, draw) {
			t.Fatalf("age %v: due with beta %v and not with twice that", age, beta)
		}
		longer := h
		longer.took *= 2
		if due && !longer.due(age, beta, draw) {
			t.Fatalf("age %v: due after a load of %v and not after one of twice that", age, h.took)
		}
	}
}

// TestXFetchProbability: at g before the end one use refreshes with the
// probability e^(−g/(took·beta)).
func TestXFetchProbability(t *testing.T) {
	h := header{hard: time.Minute, took: 2 * time.Second}
	for _, gap := range []time.Duration{0, time.Second, 3 * time.Second, 10 * time.Second} {
		const n = 200_000
		due := 0
		for range n {
			if h.due(h.hard-gap, 1.5, rand.Float64()) {
				due++
			}
		}
		want := math.Exp(-float64(gap) / (1.5 * float64(h.took)))
		if got := float64(due) / n; math.Abs(got-want) > 0.006 {
			t.Errorf("%v before the end: %v of the uses refresh, want %v", gap, got, want)
		}
	}
}

func TestNeverDue(t *testing.T) {
	for _, h := range []header{{}, {hard: time.Minute}, {took: time.Hour}} {
		if _, ok := h.refresh(&Options{}); ok || h.due(time.Hour, 0, 0.5) {
			t.Errorf("%+v without SoftTTL and EarlyRefresh is due", h)
		}
	}
	h := header{soft: time.Second, hard: time.Minute}
	if h.due(999*time.Millisecond, 0, 0.999999) || !h.due(time.Second, 0, 0) {
		t.Error("with SoftTTL alone it is due at that age and not before")
	}
}
