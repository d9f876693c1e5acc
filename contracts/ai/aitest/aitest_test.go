package aitest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// A model keeps every rule but the one that it is told to break. It answers
// with its last message, word by word.
type model struct {
	breaks string
	ctx    context.Context // of the test: what leaks ends with it
	sent   atomic.Int64
	busy   atomic.Int64
	kept   *ai.Request
}

func (m *model) answer(ctx context.Context, req *ai.Request) (string, error) {
	if err := ai.CheckRequest(req); err != nil {
		if m.breaks == "invalid request" {
			return "fine", nil
		}
		return "", err
	}
	if ctx.Err() != nil && m.breaks != "ended context" {
		return "", fmt.Errorf("model: %w", context.Cause(ctx))
	}
	m.sent.Add(1)
	if m.breaks == "request is not changed" {
		_ = append(req.Messages, ai.Message{Role: ai.Assistant})
	}
	if m.breaks == "request is not kept" {
		if m.kept == nil {
			m.kept = req
		}
		req = m.kept
	}
	return req.Messages[len(req.Messages)-1].Text(), nil
}

func (m *model) Complete(ctx context.Context, req *ai.Request) (*ai.Completion, error) {
	if m.busy.Add(1) > 1 && m.breaks == "concurrent use" {
		return nil, errors.New("busy")
	}
	time.Sleep(time.Millisecond)
	defer m.busy.Add(-1)
	text, err := m.answer(ctx, req)
	if err != nil {
		return nil, err
	}
	role := ai.Assistant
	if m.breaks == "answer" {
		role = ai.User
	}
	return &ai.Completion{Message: ai.Message{Role: role, Parts: ai.Parts{ai.Text(text)}}, Finish: ai.FinishStop}, nil
}

func (m *model) Stream(ctx context.Context, req *ai.Request) iter.Seq2[ai.Chunk, error] {
	if m.breaks == "stream: nothing before iteration" {
		m.sent.Add(1)
	}
	return func(yield func(ai.Chunk, error) bool) {
		text, err := m.answer(ctx, req)
		if err != nil {
			if yield(ai.Chunk{}, err) && m.breaks == "stream: error once, last" {
				yield(ai.Chunk{Text: "more"}, nil)
			}
			return
		}
		if m.breaks == "stream: leaving the loop" {
			go func() { <-m.ctx.Done() }()
		}
		for w := range strings.FieldsSeq(text) {
			if m.breaks == "stream: same answer" {
				w += "!"
			}
			if i := strings.Index(text, w); i > 0 {
				w = " " + w
			}
			if !yield(ai.Chunk{Text: w}, nil) {
				return
			}
		}
		if m.breaks != "stream: finish" {
			yield(ai.Chunk{Finish: ai.FinishStop}, nil)
		}
	}
}

func TestGoodChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &model{ctx: t.Context()}
		o := newOptions([]Option{Deterministic(), Sent(func() int { return int(m.sent.Load()) })})
		for _, r := range chatRules() {
			if err := r.check(t.Context(), m, o); err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
		}
	})
}

func TestSuites(t *testing.T) {
	RunChat(t, func(t *testing.T) ai.ChatModel { return &model{ctx: t.Context()} }, Deterministic(), Tick(time.Millisecond))
	RunEmbedder(t, func(*testing.T) ai.Embedder { return &embedder{} }, Dimensions(4))
}

func TestBrokenChat(t *testing.T) {
	for _, r := range chatRules() {
		synctest.Test(t, func(t *testing.T) {
			m := &model{breaks: r.name, ctx: t.Context()}
			o := newOptions([]Option{Deterministic(), Sent(func() int { return int(m.sent.Load()) })})
			if err := r.check(t.Context(), m, o); err == nil {
				t.Errorf("rule %q: the model that breaks it passed", r.name)
			}
		})
	}
}

// plain is a model that cannot stream.
type plain struct{ ai.ChatModel }

func TestSkips(t *testing.T) {
	o := newOptions(nil)
	for _, r := range streamRules() {
		if r.skip(plain{&model{}}, o) == "" {
			t.Errorf("rule %q is not skipped for a model that cannot stream", r.name)
		}
	}
}

// An embedder counts the bytes of a text, and breaks one rule if told to.
type embedder struct {
	breaks string
	busy   atomic.Int64
	shared [][]float32
}

func (e *embedder) Embed(ctx context.Context, req *ai.EmbedRequest) (*ai.Embeddings, error) {
	if e.busy.Add(1) > 1 && e.breaks == "concurrent use" {
		return nil, errors.New("busy")
	}
	time.Sleep(time.Millisecond)
	defer e.busy.Add(-1)
	if req == nil || req.Dimensions < 0 && e.breaks != "invalid request" {
		return nil, ai.ErrRequest
	}
	if ctx.Err() != nil && e.breaks != "ended context" {
		return nil, context.Cause(ctx)
	}
	if len(req.Texts) == 0 && e.breaks == "no texts" {
		return nil, errors.New("no texts")
	}
	n := 32
	if req.Dimensions > 0 && e.breaks != "dimensions" {
		n = req.Dimensions
	}
	if req.Query && e.breaks == "queries" {
		n++
	}
	out := &ai.Embeddings{}
	for i, text := range req.Texts {
		out.Vectors = append(out.Vectors, e.vector(text, n, i))
	}
	return e.spoil(req, out), nil
}

func (e *embedder) vector(text string, n, i int) []float32 {
	v := make([]float32, n)
	for at := range len(text) {
		v[int(text[at])%n]++
	}
	if e.breaks == "equal texts" && i > 0 {
		v[0] += 1000
	}
	return v
}

func (e *embedder) spoil(req *ai.EmbedRequest, out *ai.Embeddings) *ai.Embeddings {
	switch e.breaks {
	case "one vector for each text":
		out.Vectors = out.Vectors[:1]
	case "order":
		if n := len(out.Vectors); n > 1 {
			out.Vectors[0], out.Vectors[n-1] = out.Vectors[n-1], out.Vectors[0]
		}
	case "request is not changed":
		req.Texts[0] = strings.ToLower(req.Texts[0])
	case "vectors are the caller's":
		if e.shared == nil {
			e.shared = out.Vectors
		}
		out.Vectors = e.shared
	}
	return out
}

func TestBrokenEmbedder(t *testing.T) {
	for _, r := range embedRules() {
		synctest.Test(t, func(t *testing.T) {
			if err := r.check(t.Context(), &embedder{}, newOptions(nil)); err != nil {
				t.Errorf("rule %q: the good embedder: %v", r.name, err)
			}
			if err := r.check(t.Context(), &embedder{breaks: r.name}, newOptions(nil)); err == nil {
				t.Errorf("rule %q: the embedder that breaks it passed", r.name)
			}
		})
	}
}
