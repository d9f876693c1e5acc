package memorysearch

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/filter"
)

// A Config says where an [Engine] keeps its indexes and how it ranks. The zero
// value keeps them in memory only and weighs all fields alike.
type Config struct {
	// Dir is the directory that holds a journal for each index; it is made if
	// it is absent, and belongs to one engine of one process at a time. ""
	// keeps nothing on disk.
	Dir string `config:"dir"`
	// NoSync leaves it to the operating system when a write reaches the disk: a
	// crash of the process loses nothing, a crash of the machine may lose what
	// the last calls wrote.
	NoSync bool `config:"no_sync"`
	// Weights says how much a word in a text field counts, such as title: 3. A
	// field without a weight has 1; a weight is positive.
	Weights map[string]float64 `config:"weights"`
}

// Validate returns an error wrapping [errs.ErrValidation] that names each
// weight that cannot be used.
func (c Config) Validate() error {
	var v errs.ValidationError
	for _, field := range slices.Sorted(maps.Keys(c.Weights)) {
		w := c.Weights[field]
		if err := filter.CheckField(field); err != nil {
			v.Add("weights", fmt.Sprintf("has the key %.70q, which is no field", field), "")
		} else if !(w > 0) || math.IsInf(w, 0) {
			v.Add("weights."+field, "must be a positive number", "")
		}
	}
	return v.Err()
}

// clone returns a copy that shares nothing with c.
func (c Config) clone() Config {
	c.Weights = maps.Clone(c.Weights)
	return c
}
