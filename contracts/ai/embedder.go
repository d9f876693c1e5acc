package ai

import "context"

// An Embedder turns texts into vectors. It is safe for concurrent use.
type Embedder interface {
	// Embed returns one vector for each text, in order and of one length; of
	// no texts, none. Equal texts have equal vectors, but for rounding. It
	// neither changes nor keeps req. A nil req and negative Dimensions are
	// errors wrapping [ErrRequest]; Dimensions that the model cannot have are one
	// wrapping [ErrRequest] or errors.ErrUnsupported; a ctx that has ended is one
	// wrapping its cause.
	Embed(ctx context.Context, req *EmbedRequest) (*Embeddings, error)
}

// An EmbedRequest is one call of an [Embedder].
type EmbedRequest struct {
	Model      string // "" is the client's default
	Texts      []string
	Query      bool // the texts are queries, not documents: many models embed the two differently
	Dimensions int  // 0 is the model's own
}

// Embeddings are the vectors of one [EmbedRequest]; the caller owns them.
type Embeddings struct {
	Vectors [][]float32
	Model   string
	Usage   Usage
}

// EmbedTexts returns the vectors of texts, and an error wrapping [ErrResponse]
// unless there is one for each, all of one length. No texts need no call.
func EmbedTexts(ctx context.Context, e Embedder, req *EmbedRequest) ([][]float32, error) {
	if len(req.Texts) == 0 {
		return nil, nil
	}
	out, err := e.Embed(ctx, req)
	if err != nil {
		return nil, err
	}
	if len(out.Vectors) != len(req.Texts) {
		return nil, ErrResponse.Wrap(nil, "ai: embed: %d vectors for %d texts", len(out.Vectors), len(req.Texts))
	}
	for _, v := range out.Vectors {
		if len(v) == 0 || len(v) != len(out.Vectors[0]) {
			return nil, ErrResponse.Wrap(nil, "ai: embed: vectors of lengths %d and %d", len(out.Vectors[0]), len(v))
		}
	}
	return out.Vectors, nil
}
