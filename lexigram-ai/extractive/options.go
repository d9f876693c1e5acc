package extractive

import "github.com/lexigram/lexigram-go/contracts/errs"

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
// below zero counts as zero, but is an error in a configuration.
type Options struct {
	MaxSentences     int `config:"max_sentences"`      // that an answer quotes; 0 means DefaultMaxSentences
	MaxSentenceBytes int `config:"max_sentence_bytes"` // a longer sentence is not quoted; 0 means DefaultMaxSentenceBytes
}

// Config is the section "extractive" of [Module].
type Config = Options

// Validate returns an [errs.ValidationError] if a number is negative.
func (o Options) Validate() error {
	var v errs.ValidationError
	if o.MaxSentences < 0 {
		v.Add("max_sentences", "is negative", "RANGE")
	}
	if o.MaxSentenceBytes < 0 {
		v.Add("max_sentence_bytes", "is negative", "RANGE")
	}
	return v.Err()
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
