package hashembed

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// ModelName names the vectors that this version makes.
const ModelName = "hashembed-1"

// DefaultDimensions is the length of vectors unless [Options] say otherwise.
const DefaultDimensions = 256

// MinDimensions and MaxDimensions bound the length of vectors.
const (
	MinDimensions = 8
	MaxDimensions = 65_536
)

// Options of an [Embedder]. The zero value is the documented default.
type Options struct {
	Dimensions int `config:"dimensions"` // length of vectors, MinDimensions to MaxDimensions; 0 means DefaultDimensions
}

// Config is the section "hashembed" of [Module].
type Config = Options

// Validate returns an [errs.ValidationError] if the dimensions are out of range.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.Dimensions != 0 && checkDimensions(o.Dimensions) != nil {
		v.Add("dimensions", fmt.Sprintf("is not %d to %d", MinDimensions, MaxDimensions), "RANGE")
	}
	return v.Err()
}

func checkDimensions(n int) error {
	if n < MinDimensions || n > MaxDimensions {
		return ai.ErrRequest.Wrap(nil, "hashembed: %d dimensions are not %d to %d", n, MinDimensions, MaxDimensions)
	}
	return nil
}
