package main

import (
	"context"
	"runtime"
	"slices"
	"time"
)

// A turn is a side at work.
type turn struct {
	side   side
	worker worker
	n      int // operations of one turn
	ns     []float64
	allocs []float64
	bytes  []float64
}

// calibrate finds how many operations fill slice, which also warms up caches and pools.
func (t *turn) calibrate(ctx context.Context, slice time.Duration) error {
	for t.n = 1; ; {
		start := time.Now()
		if err := t.worker.ops(ctx, t.n); err != nil {
			return err
		}
		took := time.Since(start)
		if took >= slice/2 {
			t.n = max(1, int(float64(t.n)*float64(slice)/float64(took)))
			return nil
		}
		grow := 100.0
		if took > 0 {
			grow = min(grow, 1.2*float64(slice)/float64(took))
		}
		t.n = max(t.n+1, int(float64(t.n)*grow))
	}
}

// take runs the operations of one turn and notes what they cost. Allocations
// are those of the whole process: what a side does in the background counts.
func (t *turn) take(ctx context.Context) error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	err := t.worker.ops(ctx, t.n)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil {
		return err
	}
	n := float64(t.n)
	t.ns = append(t.ns, float64(took)/n)
	t.allocs = append(t.allocs, float64(after.Mallocs-before.Mallocs)/n)
	t.bytes = append(t.bytes, float64(after.TotalAlloc-before.TotalAlloc)/n)
	return nil
}

// A stats is what the turns of a side came to: medians, and the extremes of the times.
type stats struct {
	Name          string
	Ns            float64
	Fastest       float64
	Slowest       float64
	Allocs, Bytes float64
}

func (t *turn) stats() stats {
	return stats{
		Name: t.side.name, Ns: median(t.ns), Fastest: slices.Min(t.ns), Slowest: slices.Max(t.ns),
		Allocs: median(t.allocs), Bytes: median(t.bytes),
	}
}

// median returns the middle of values, the mean of both if there are two.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	mid := len(s) / 2
	if len(s)%2 == 0 {
		return (s[mid-1] + s[mid]) / 2
	}
	return s[mid]
}
