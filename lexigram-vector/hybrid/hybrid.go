// Package hybrid merges rankings of the same things by different searches, such
// as vectors and words, whose scores cannot be compared.
package hybrid

import (
	"cmp"
	"slices"
	"strings"
)

// DefaultK is the constant of reciprocal rank fusion that its authors found good.
const DefaultK = 60

// A Ranked is an entry of a ranking: what was found, and its score, of which
// the rankings that are fused need none.
type Ranked struct {
	ID    string
	Score float64
}

// A Weighted is a ranking and how much it counts.
type Weighted struct {
	Weight float64 // relative to the others; not negative
	List   []Ranked
}

// Fuse merges lists, each best first, into one, best first and equals by ID,
// by reciprocal rank fusion: an entry's score is the sum of 1/(k+rank) over the
// lists that have it, ranks from 1. The larger k, the less the first places
// count; 0 or less means [DefaultK]. Of an ID that is twice in one list the
// first place counts. The lists are not changed.
//
// See Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms
// Condorcet and individual Rank Learning Methods" (SIGIR 2009).
func Fuse(k int, lists ...[]Ranked) []Ranked {
	weighted := make([]Weighted, len(lists))
	for i, list := range lists {
		weighted[i] = Weighted{1, list}
	}
	return FuseWeighted(k, weighted...)
}

// FuseWeighted is [Fuse] with a weight for each list, by which its share of a
// score is multiplied.
func FuseWeighted(k int, lists ...Weighted) []Ranked {
	if k <= 0 {
		k = DefaultK
	}
	most := 0
	for _, l := range lists {
		most = max(most, len(l.List))
	}
	places := make(map[string]int, most) // in fused
	seen := make([]int, 0, most)         // the last list that had the entry, from 1
	var fused []Ranked
	for n, l := range lists {
		for rank, r := range l.List {
			i, ok := places[r.ID]
			if !ok {
				i = len(fused)
				places[r.ID] = i
				fused, seen = append(fused, Ranked{ID: r.ID}), append(seen, 0)
			}
			if seen[i] != n+1 {
				seen[i] = n + 1
				fused[i].Score += l.Weight / float64(k+rank+1)
			}
		}
	}
	slices.SortFunc(fused, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return fused
}
