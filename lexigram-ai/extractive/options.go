package extractive

// ModelName is the Model of every completion.
const ModelName = "extractive"

// NoAnswer is the whole answer when no sentence of the sources supports one.
// It cites nothing.
const NoAnswer = "The sources do not answer this question."

// Defaults of [Options].
const (
	DefaultMaxSentences     = 3
	DefaultMaxSentenceBytes = 800
)

// Options of a [Model]. The zero value is the documented default; a number
// below zero counts as zero.
type Options struct {
	MaxSentences     int // that an answer quotes; 0 means DefaultMaxSentences
	MaxSentenceBytes int // a longer sentence is not quoted; 0 means DefaultMaxSentenceBytes
}

func (o Options) defaults() Options {
	if o.MaxSentences <= 0 {
		o.MaxSentences = DefaultMaxSentences
	}
	if o.MaxSentenceBytes <= 0 {
		o.MaxSentenceBytes = DefaultMaxSentenceBytes
	}
	return o
}
