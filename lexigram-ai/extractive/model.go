package extractive

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/lexigram-ai/internal/lexis"
	"github.com/lexigram/lexigram-go/lexigram-ai/rag"
)

// A Model answers by quoting sources. It is deterministic, safe for concurrent
// use, keeps nothing between calls and starts no goroutine.
type Model struct{ options Options }

var (
	_ ai.ChatModel = (*Model)(nil)
	_ ai.Streamer  = (*Model)(nil)
)

// New returns a Model.
func New(o Options) *Model { return &Model{options: o.defaults()} }

// Complete answers a request of rag.Prompt. Temperature and Tools are ignored,
// Stop and MaxTokens are honoured; a token is a word. Another request is an
// error wrapping [ai.ErrRequest], as is one with a Schema, which also matches
// errors.ErrUnsupported; another Model is one wrapping [ai.ErrModel]. When ctx
// has ended, Complete returns its cause.
func (m *Model) Complete(ctx context.Context, req *ai.Request) (*ai.Completion, error) {
	return ai.Collect(m.Stream(ctx, req))
}

// Stream yields what Complete returns, sentence by sentence.
func (m *Model) Stream(ctx context.Context, req *ai.Request) iter.Seq2[ai.Chunk, error] {
	return func(yield func(ai.Chunk, error) bool) {
		a, err := m.answer(ctx, req)
		if err != nil {
			yield(ai.Chunk{}, err)
			return
		}
		for _, piece := range a.pieces {
			if ctx.Err() != nil {
				yield(ai.Chunk{}, ended(ctx))
				return
			}
			if !yield(ai.Chunk{Text: piece}, nil) {
				return
			}
		}
		yield(ai.Chunk{Model: ModelName, Finish: a.finish, Usage: &a.usage}, nil)
	}
}

// An answer is made before its first piece is yielded: picking sentences needs all of them.
type answer struct {
	pieces []string
	finish ai.Finish
	usage  ai.Usage
}

func (m *Model) answer(ctx context.Context, req *ai.Request) (*answer, error) {
	if err := ai.CheckRequest(req); err != nil {
		return nil, err
	}
	switch {
	case ctx.Err() != nil:
		return nil, ended(ctx)
	case req.Model != "" && req.Model != ModelName:
		return nil, ai.ErrModel.Wrap(nil, "extractive: model %.70q is not %q", req.Model, ModelName)
	case req.Schema != nil:
		return nil, ai.ErrRequest.Wrap(errors.ErrUnsupported, "extractive: answer by a schema (this model only quotes sources)")
	}
	question, passages, ok := rag.ParsePrompt(req)
	if !ok {
		return nil, ai.ErrRequest.Wrap(nil, "extractive: request without sources (this model is not a language model: "+
			"it answers requests of rag.Prompt by quoting their sources)")
	}
	a := &answer{pieces: m.quote(question, passages), finish: ai.FinishStop}
	a.stop(req.Stop)
	if req.MaxTokens != nil {
		a.limit(*req.MaxTokens)
	}
	for _, msg := range req.Messages {
		a.usage.Input += words(msg.Text())
	}
	for _, p := range a.pieces {
		a.usage.Output += words(p)
	}
	return a, ctxErr(ctx)
}

// quote returns the pieces of the answer: sentences with their citations.
func (m *Model) quote(question string, passages []rag.Passage) []string {
	picked := newRanking(question, passages, m.options).pick()
	if len(picked) == 0 {
		return []string{NoAnswer}
	}
	pieces := make([]string, len(picked))
	for i, s := range picked {
		pieces[i] = s.text + " [" + strconv.Itoa(s.passage+1) + "]"
		if i > 0 {
			pieces[i] = "\n" + pieces[i]
		}
	}
	return pieces
}

// stop cuts the answer before the first stop sequence in it.
func (a *answer) stop(sequences []string) {
	all := strings.Join(a.pieces, "")
	at := len(all)
	for _, s := range sequences {
		if i := strings.Index(all[:at], s); s != "" && i >= 0 {
			at = i
		}
	}
	if at < len(all) {
		a.pieces = []string{all[:at]}
	}
}

// limit keeps the pieces that fit into n words, or the beginning of the first.
func (a *answer) limit(n int) {
	for i, p := range a.pieces {
		if n -= words(p); n >= 0 {
			continue
		}
		a.finish = ai.FinishLength
		if i == 0 {
			a.pieces[0] = firstWords(p, n+words(p))
			i = 1
		}
		a.pieces = a.pieces[:i]
		return
	}
}

// firstWords returns s up to the end of its nth word.
func firstWords(s string, n int) string {
	end := 0
	for w := range lexis.Words(s) {
		if n--; n < 0 {
			break
		}
		end += strings.Index(s[end:], w) + len(w)
	}
	return s[:end]
}

func words(s string) (n int) {
	for range lexis.Words(s) {
		n++
	}
	return n
}

func ctxErr(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	return nil
}

func ended(ctx context.Context) error {
	return ai.Err.Wrap(context.Cause(ctx), "extractive: complete")
}
