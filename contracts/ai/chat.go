package ai

import (
	"context"
	"errors"
	"iter"
	"strings"
)

// A ChatModel completes conversations. It is safe for concurrent use.
type ChatModel interface {
	// Complete returns the whole answer. It reads req until it returns and
	// neither changes nor keeps it; the caller owns the answer. What
	// [CheckRequest] refuses is an error wrapping [ErrRequest], and a ctx that
	// has ended is one wrapping its cause, before anything is sent. Errors are
	// kinds of package errs: Exhausted (rate, quota), Invalid (request, context
	// window), NotFound (model), Unauthenticated, Unavailable, and Internal for
	// an answer that makes no sense ([ErrResponse]).
	Complete(ctx context.Context, req *Request) (*Completion, error)
}

// A Streamer is a [ChatModel] that yields its answer while it is made. Use
// [Stream], which falls back to Complete.
type Streamer interface {
	ChatModel
	// Stream yields chunks; an error comes once, last, with the zero Chunk.
	// Nothing is sent before iteration begins, and leaving the loop cancels the
	// request. req is read while iterating; errors are those of Complete.
	Stream(ctx context.Context, req *Request) iter.Seq2[Chunk, error]
}

// Stream yields m's answer in chunks, in one if m cannot stream: if it is no
// [Streamer], or if the first that its Stream yields is errors.ErrUnsupported.
func Stream(ctx context.Context, m ChatModel, req *Request) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		if s, ok := m.(Streamer); ok {
			begun, unsupported := false, false
			for c, err := range s.Stream(ctx, req) {
				if unsupported = !begun && errors.Is(err, errors.ErrUnsupported); unsupported {
					break // a decorator of a model that cannot stream
				}
				begun = true
				if !yield(c, err) {
					return
				}
			}
			if !unsupported {
				return
			}
		}
		c, err := m.Complete(ctx, req)
		if err != nil {
			yield(Chunk{}, err)
			return
		}
		yield(c.chunk(), nil)
	}
}

// chunk returns the whole answer as one piece.
func (c *Completion) chunk() Chunk {
	return Chunk{
		Text: c.Message.Text(), Thinking: c.Thinking, ThinkingBlocks: c.Message.ThinkingBlocks, ToolCalls: c.Message.ToolCalls,
		Model: c.Model, Finish: c.Finish, Usage: &c.Usage,
	}
}

// Collect runs a stream to its end and returns it as one answer.
func Collect(chunks iter.Seq2[Chunk, error]) (*Completion, error) {
	var text, thinking strings.Builder
	c := &Completion{Message: Message{Role: Assistant}}
	for ch, err := range chunks {
		if err != nil {
			return nil, err
		}
		text.WriteString(ch.Text)
		thinking.WriteString(ch.Thinking)
		c.Message.ThinkingBlocks = append(c.Message.ThinkingBlocks, ch.ThinkingBlocks...)
		c.Message.ToolCalls = append(c.Message.ToolCalls, ch.ToolCalls...)
		if ch.Model != "" {
			c.Model = ch.Model
		}
		if ch.Finish != "" {
			c.Finish = ch.Finish
		}
		if ch.Usage != nil {
			c.Usage = *ch.Usage
		}
	}
	c.Message.Parts, c.Thinking = Parts{Text(text.String())}, thinking.String()
	return c, nil
}
