package sqlsearch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/filter"
)

// Options say how an [Engine] ranks. The zero value weighs all fields alike.
type Options struct {
	// Weights says how much a word in a text field counts, such as title: 3. A
	// field without a weight has 1. A weight is between a millionth and a
	// million, and there are at most four different ones, that 1 included: as
	// many as a tsvector tells apart.
	// Their values may change at any time; what is indexed keeps which fields
	// weigh alike, and in which order, until it is indexed again.
	Weights map[string]float64 `config:"weights"`
}

// maxWeights is how many weights PostgreSQL tells apart: A, B, C and D.
const maxWeights = 4

// Validate returns an error wrapping [errs.ErrValidation] that names what
// cannot be used.
func (o Options) Validate() error {
	var v errs.ValidationError
	for _, field := range slices.Sorted(maps.Keys(o.Weights)) {
		if w := o.Weights[field]; filter.CheckField(field) != nil {
			v.Add("weights", fmt.Sprintf("has the key %.70q, which is no field", field), "")
		} else if !(w >= 1e-6 && w <= 1e6) {
			v.Add("weights."+field, "must be a number from 0.000001 to 1000000", "RANGE")
		}
	}
	if n := len(o.distinct()); n > maxWeights {
		v.Add("weights", fmt.Sprintf("has %d different values, the 1 of other fields included: use at most %d", n, maxWeights), "")
	}
	return v.Err()
}

// distinct returns the different weights, the largest first.
func (o Options) distinct() []float64 {
	all := append(slices.Collect(maps.Values(o.Weights)), 1)
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return slices.Compact(all)
}

// weights tells fields apart by how much they count.
type weights struct {
	values [maxWeights]float64 // of the classes A to D; those that no field is in have 1
	class  map[string]int      // of a field; others are in plain
	plain  int
}

func newWeights(o Options) *weights {
	w := &weights{class: make(map[string]int, len(o.Weights))}
	all := o.distinct()
	for i := range w.values {
		w.values[i] = 1
	}
	copy(w.values[:], all)
	w.plain = slices.Index(all, 1)
	for field, v := range o.Weights {
		w.class[field] = slices.Index(all, v)
	}
	return w
}

func (w *weights) of(field string) int {
	if c, ok := w.class[field]; ok {
		return c
	}
	return w.plain
}
