package hashembed

import "github.com/lexigram/lexigram-go/contracts/ai"

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
	Dimensions int // length of vectors, MinDimensions to MaxDimensions; 0 means DefaultDimensions
}

func checkDimensions(n int) error {
	if n < MinDimensions || n > MaxDimensions {
		return ai.ErrRequest.Wrap(nil, "hashembed: %d dimensions are not %d to %d", n, MinDimensions, MaxDimensions)
	}
	return nil
}
