package hashembed

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// An Embedder embeds texts by their words and spelling. It is safe for
// concurrent use, keeps nothing between calls and starts no goroutine. Make one
// with [New]; the zero value is not usable.
type Embedder struct{ dimensions int }

var _ ai.Embedder = (*Embedder)(nil)

// New returns an Embedder, or an error wrapping [ai.ErrRequest] if the
// dimensions are out of range.
func New(o Options) (*Embedder, error) {
	if o.Dimensions == 0 {
		o.Dimensions = DefaultDimensions
	}
	if err := checkDimensions(o.Dimensions); err != nil {
		return nil, err
	}
	return &Embedder{dimensions: o.Dimensions}, nil
}

// Embed returns a vector of length 1 for each text, and one of zeros for a text
// without a letter or digit. Queries are embedded as documents are. Usage
// counts words. An unknown model is an error wrapping [ai.ErrModel], dimensions
// out of range are one wrapping [ai.ErrRequest]. When ctx ends, Embed returns
// its cause before the next text.
func (e *Embedder) Embed(ctx context.Context, req *ai.EmbedRequest) (*ai.Embeddings, error) {
	if req == nil {
		return nil, ai.ErrRequest.Wrap(nil, "hashembed: nil request")
	}
	if req.Model != "" && req.Model != ModelName {
		return nil, ai.ErrModel.Wrap(nil, "hashembed: model %.70q is not %q", req.Model, ModelName)
	}
	n := e.dimensions
	if req.Dimensions != 0 {
		n = req.Dimensions
		if err := checkDimensions(n); err != nil {
			return nil, err
		}
	}
	out := &ai.Embeddings{Vectors: make([][]float32, 0, len(req.Texts)), Model: ModelName}
	v := newVectorizer(n)
	for i, text := range req.Texts {
		if ctx.Err() != nil {
			return nil, ai.Err.Wrap(context.Cause(ctx), "hashembed: text %d of %d", i+1, len(req.Texts))
		}
		vector, words := v.embed(text)
		out.Vectors = append(out.Vectors, vector)
		out.Usage.Input += words
	}
	if ctx.Err() != nil {
		return nil, ai.Err.Wrap(context.Cause(ctx), "hashembed: embed")
	}
	return out, nil
}
