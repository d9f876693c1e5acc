package openai

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

type embedRequest struct {
	Model      string   `json:"model"`
	Input      []string `json:"input"`
	Dimensions int      `json:"dimensions,omitempty"`
	Format     string   `json:"encoding_format"`
}

type embedResponse struct {
	Model string     `json:"model"`
	Usage *wireUsage `json:"usage"`
	Error *apiError  `json:"error"`
	Data  []struct {
		Index  int       `json:"index"`
		Vector []float32 `json:"embedding"`
	} `json:"data"`
}

// Embed sends the texts in batches, one after the other, and returns their
// vectors in order. No texts are no request. A model that cannot have the
// Dimensions is what the provider says, or, if it ignores them, an error
// wrapping [ai.ErrResponse].
func (c *Client) Embed(ctx context.Context, req *ai.EmbedRequest) (*ai.Embeddings, error) {
	model, err := c.embedModel(req)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ended(ctx)
	}
	out := &ai.Embeddings{Model: model, Vectors: make([][]float32, 0, len(req.Texts))}
	for len(out.Vectors) < len(req.Texts) {
		rest := req.Texts[len(out.Vectors):]
		if err := c.embedBatch(ctx, req, rest[:min(len(rest), c.options.BatchSize)], out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Client) embedModel(req *ai.EmbedRequest) (string, error) {
	switch {
	case req == nil:
		return "", ai.ErrRequest.Wrap(nil, "openai: nil embed request")
	case req.Dimensions < 0:
		return "", ai.ErrRequest.Wrap(nil, "openai: %d dimensions", req.Dimensions)
	case req.Model != "":
		return req.Model, nil
	case c.options.EmbedModel == "":
		return "", ai.ErrRequest.Wrap(nil, "openai: no model (set EmbedModel, or Model of the request)")
	}
	return c.options.EmbedModel, nil
}

// embedBatch appends the vectors of texts to out.
func (c *Client) embedBatch(ctx context.Context, req *ai.EmbedRequest, texts []string, out *ai.Embeddings) error {
	body, err := json.Marshal(embedRequest{Model: out.Model, Input: c.prefixed(req, texts), Dimensions: req.Dimensions, Format: "float"})
	if err != nil {
		return ai.ErrRequest.Wrap(err, "openai: embed")
	}
	raw, err := c.call(ctx, "/embeddings", body)
	if err != nil {
		return err
	}
	var resp embedResponse
	if err := json.Unmarshal(raw, &resp); err != nil {
		return ai.ErrResponse.Wrap(err, "openai: embed")
	}
	if resp.Error != nil {
		return c.apiError(resp.Error, 0, "embed", ai.ErrResponse)
	}
	vectors, err := resp.ordered(len(texts))
	if err != nil {
		return err
	}
	for _, v := range vectors {
		switch {
		case req.Dimensions > 0 && len(v) != req.Dimensions:
			return ai.ErrResponse.Wrap(errors.ErrUnsupported, "openai: embed: vector of length %d, asked for %d", len(v), req.Dimensions)
		case len(v) != len(vectors[0]), len(out.Vectors) > 0 && len(v) != len(out.Vectors[0]):
			return ai.ErrResponse.Wrap(nil, "openai: embed: vectors of different lengths")
		}
	}
	out.Vectors = append(out.Vectors, vectors...)
	if resp.Usage != nil {
		out.Usage.Input += resp.Usage.Input
	}
	return nil
}

func (c *Client) prefixed(req *ai.EmbedRequest, texts []string) []string {
	prefix := c.options.DocumentPrefix
	if req.Query {
		prefix = c.options.QueryPrefix
	}
	if prefix == "" {
		return texts
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = prefix + t
	}
	return out
}

// ordered returns the vectors by their index, each of 0 to n-1 once.
func (r *embedResponse) ordered(n int) ([][]float32, error) {
	if len(r.Data) != n {
		return nil, ai.ErrResponse.Wrap(nil, "openai: embed: %d vectors for %d texts", len(r.Data), n)
	}
	out := make([][]float32, n)
	for _, d := range r.Data {
		if d.Index < 0 || d.Index >= n || out[d.Index] != nil || len(d.Vector) == 0 {
			return nil, ai.ErrResponse.Wrap(nil, "openai: embed: vector %d of %d is missing, empty or there twice", d.Index, n)
		}
		out[d.Index] = d.Vector
	}
	return out, nil
}
