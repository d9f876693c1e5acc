package aitest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// RunEmbedder checks every rule of [ai.Embedder], each on an embedder of its
// own. open registers its own cleanup on t.
func RunEmbedder(t *testing.T, open func(t *testing.T) ai.Embedder, opts ...Option) {
	t.Helper()
	run(t, embedRules(), "ai.Embedder", open, newOptions(opts))
}

// texts have little in common, so that their vectors differ with any model.
func texts() []string {
	return []string{"The quick brown fox jumps over the lazy dog.", "Quarterly revenue rose by four percent.", "func main() { panic(42) }"}
}

func embedRules() []rule[ai.Embedder] {
	return []rule[ai.Embedder]{
		{
			name: "one vector for each text",
			says: "Embed returns one vector for each text, in order and of one length",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				_, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts()})
				return err
			},
		},
		{name: "order", says: "Embed returns one vector for each text, in order and of one length", check: checkOrder},
		{
			name: "equal texts",
			says: "equal texts have equal vectors, but for rounding",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				text := texts()[0]
				twice, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: []string{text, text}})
				if err != nil {
					return err
				}
				again, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: []string{text}})
				if err != nil {
					return err
				}
				if a, b := cosine(twice[0], twice[1]), cosine(twice[0], again[0]); a < 0.999 || b < 0.999 {
					return fmt.Errorf("the cosine of a text with itself is %v, and %v in another call", a, b)
				}
				return nil
			},
		},
		{
			name: "no texts",
			says: "of no texts, none",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				out, err := e.Embed(ctx, &ai.EmbedRequest{})
				if err != nil || out == nil || len(out.Vectors) != 0 {
					return fmt.Errorf("Embed(no texts) = %v, %v", out, err)
				}
				return nil
			},
		},
		{
			name: "queries",
			says: "the texts are queries, not documents",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				docs, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts()})
				if err != nil {
					return err
				}
				queries, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts(), Query: true})
				if err == nil && len(queries[0]) != len(docs[0]) {
					err = fmt.Errorf("vectors of queries have length %d, of documents %d", len(queries[0]), len(docs[0]))
				}
				return err
			},
		},
		{name: "dimensions", says: "Dimensions that the model cannot have are an error wrapping ErrRequest or errors.ErrUnsupported", check: checkDimensions},
		{
			name: "invalid request",
			says: "a nil req and negative Dimensions are errors wrapping ErrRequest",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				for _, req := range []*ai.EmbedRequest{nil, {Texts: texts(), Dimensions: -1}} {
					if _, err := e.Embed(ctx, req); !errors.Is(err, ai.ErrRequest) {
						return fmt.Errorf("Embed(%+v) = %v, want ErrRequest", req, err)
					}
				}
				return nil
			},
		},
		{
			name: "request is not changed",
			says: "it neither changes nor keeps req",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				req := &ai.EmbedRequest{Texts: append(make([]string, 0, 8), texts()...)}
				if _, err := e.Embed(ctx, req); err != nil {
					return err
				}
				want := append(texts(), make([]string, 5)...)
				if got := req.Texts[:8]; len(req.Texts) != 3 || !slices.Equal(got, want) || req.Model != "" || req.Dimensions != 0 {
					return fmt.Errorf("Embed changed the request to %+v", got)
				}
				return nil
			},
		},
		{name: "vectors are the caller's", says: "the caller owns them", check: checkOwned},
		{
			name: "ended context",
			says: "a ctx that has ended is an error wrapping its cause",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				ctx, cause := ended(ctx)
				if _, err := e.Embed(ctx, &ai.EmbedRequest{Texts: texts()}); !errors.Is(err, cause) {
					return fmt.Errorf("Embed(ended ctx) = %v, want its cause", err)
				}
				return nil
			},
		},
		{
			name: "concurrent use",
			says: "it is safe for concurrent use",
			check: func(ctx context.Context, e ai.Embedder, _ *options) error {
				return together(8, func() error {
					_, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts()})
					return err
				})
			},
		},
	}
}

func checkOrder(ctx context.Context, e ai.Embedder, _ *options) error {
	all, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts()})
	if err != nil {
		return err
	}
	for i, text := range texts() {
		one, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: []string{text}})
		if err != nil {
			return err
		}
		for j := range all {
			if j != i && cosine(one[0], all[j]) >= cosine(one[0], all[i]) {
				return fmt.Errorf("text %d alone is nearer to vector %d of the list than to vector %d", i, j, i)
			}
		}
	}
	return nil
}

func checkDimensions(ctx context.Context, e ai.Embedder, o *options) error {
	out, err := e.Embed(ctx, &ai.EmbedRequest{Texts: texts(), Dimensions: o.dimensions})
	switch {
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, ai.ErrRequest):
		return nil
	case err != nil:
		return fmt.Errorf("Embed(Dimensions: %d) = %w, want vectors, ErrRequest or errors.ErrUnsupported", o.dimensions, err)
	}
	for _, v := range out.Vectors {
		if len(v) != o.dimensions {
			return fmt.Errorf("Embed(Dimensions: %d) returned a vector of length %d", o.dimensions, len(v))
		}
	}
	return nil
}

func checkOwned(ctx context.Context, e ai.Embedder, _ *options) error {
	first, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts()[:1]})
	if err != nil {
		return err
	}
	before := slices.Clone(first[0])
	for i := range first[0] {
		first[0][i] = float32(i + 7)
	}
	again, err := ai.EmbedTexts(ctx, e, &ai.EmbedRequest{Texts: texts()[:1]})
	if err != nil {
		return err
	}
	if c := cosine(before, again[0]); c < 0.999 {
		return fmt.Errorf("after the caller changed a vector, the text has another one (cosine %v)", c)
	}
	return nil
}

func cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return -1
	}
	var dot, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot, aa, bb = dot+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return dot / math.Sqrt(aa*bb)
}
