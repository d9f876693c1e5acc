package topk

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHeap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for limit := range 40 {
		h := New(limit, 10, cmp.Compare[int])
		var all []int
		for range rng.IntN(200) {
			v := rng.IntN(50)
			if worst, full := h.Worst(); full && worst != slices.Max(h.Items()) {
				t.Fatalf("Worst = %d of %v", worst, h.Items())
			}
			all = append(all, v)
			h.Offer(v)
		}
		slices.Sort(all)
		if got, want := h.Sorted(), all[:min(limit, len(all))]; !slices.Equal(got, want) {
			t.Fatalf("limit %d: %v, want %v", limit, got, want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	h := New(10, 100, cmp.Compare[int])
	i := 0
	if n := testing.AllocsPerRun(100, func() { i++; h.Offer(i * 7919 % 101) }); n != 0 {
		t.Errorf("%v allocations for each candidate", n)
	}
}
