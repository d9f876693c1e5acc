package openai

import (
	"context"
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// Stream yields the answer while it is made. Tool calls come complete, with the
// last chunk, which also has the usage if the endpoint reports it. A stream that
// ends before its end is an error wrapping [ai.ErrStreamLost]. An endpoint that
// does not stream is read as Complete does.
func (c *Client) Stream(ctx context.Context, req *ai.Request) iter.Seq2[ai.Chunk, error] {
	return func(yield func(ai.Chunk, error) bool) {
		body, err := c.chatBody(req, true)
		if err != nil {
			yield(ai.Chunk{}, err)
			return
		}
		for attempt := 0; ; attempt++ {
			s := &stream{client: c, yield: yield}
			f := s.run(ctx, body)
			if f == nil {
				return
			}
			if s.delivered {
				yield(ai.Chunk{}, f.err)
				return
			}
			if err := c.backoff(ctx, attempt, f); err != nil {
				yield(ai.Chunk{}, err)
				return
			}
		}
	}
}

// A stream is one attempt of Stream.
type stream struct {
	client    *Client
	yield     func(ai.Chunk, error) bool
	delivered bool // a chunk was yielded: no other attempt

	begun  bool      // an event was read
	model  string    // if the endpoint tells
	finish ai.Finish // once the API said why it stopped
	usage  *ai.Usage
	calls  []wireToolCall // as far as they came
}

// run returns nil once the stream was delivered to its end, or the loop was left.
func (s *stream) run(ctx context.Context, body []byte) *failure {
	attempt, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	begin := newAlarm(s.client.options.Timeout, func() { cancel(errTimeout) })
	defer begin.stop()
	resp, f := s.client.post(ctx, attempt, "/chat/completions", body, "text/event-stream")
	if f != nil {
		return f
	}
	defer resp.Body.Close()
	if !begin.stop() {
		return s.client.transportFailure(ctx, attempt, errTimeout)
	}
	silence := newAlarm(s.client.options.ChunkTimeout, func() { cancel(errChunkTimeout) })
	defer silence.stop()
	in := &capped{r: resp.Body, left: s.client.options.MaxResponseBytes}
	if !isEventStream(resp) {
		return s.whole(ctx, attempt, in)
	}
	return s.events(ctx, attempt, newEventReader(in, silence.reset))
}

func isEventStream(resp *http.Response) bool {
	mediaType, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && mediaType == "text/event-stream"
}

// events delivers the chunks of an event stream.
func (s *stream) events(ctx, attempt context.Context, in *eventReader) *failure {
	for {
		data, err := in.next()
		switch {
		case errors.Is(err, io.EOF) && s.finish != "" && ctx.Err() == nil:
			return s.end()
		case err != nil:
			return s.lost(ctx, attempt, err)
		case string(data) == "[DONE]":
			if s.finish == "" {
				s.finish = ai.FinishStop
			}
			return s.end()
		}
		if more, f := s.event(data); f != nil || !more {
			return f
		}
	}
}

// event delivers one event; more is false if the loop was left.
func (s *stream) event(data []byte) (more bool, _ *failure) {
	var d delta
	first := !s.begun // it tells the model
	s.begun = true
	if first || !d.fast(data) {
		if f := s.slow(data, &d); f != nil {
			return false, f
		}
	}
	if d.finish != "" {
		s.finish = finish(d.finish)
	}
	if d.text == "" && d.thinking == "" {
		return true, nil
	}
	s.delivered = true
	return s.yield(ai.Chunk{Text: d.text, Thinking: d.thinking}, nil), nil
}

// end delivers the last chunk.
func (s *stream) end() *failure {
	last := ai.Chunk{Model: s.model, Finish: s.finish, Usage: s.usage}
	for i := range s.calls {
		call, err := s.calls[i].call()
		if err != nil {
			return &failure{err: err}
		}
		last.ToolCalls = append(last.ToolCalls, call)
	}
	s.delivered = true
	s.yield(last, nil)
	return nil
}

// lost returns the failure of a stream that broke off.
func (s *stream) lost(ctx, attempt context.Context, err error) *failure {
	switch {
	case ctx.Err() != nil:
		return &failure{err: ended(ctx)}
	case errors.Is(err, errLine), errors.Is(err, errTooLarge):
		return &failure{err: ai.ErrResponse.Wrap(err, "openai: stream")}
	case attempt.Err() != nil:
		err = context.Cause(attempt)
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return &failure{err: ai.ErrStreamLost.Wrap(s.client.hide(err), "openai: stream"), retry: true}
}

// whole delivers the answer of an endpoint that does not stream.
func (s *stream) whole(ctx, attempt context.Context, in io.Reader) *failure {
	raw, err := io.ReadAll(in)
	if err != nil {
		return s.client.transportFailure(ctx, attempt, err)
	}
	if !strings.HasPrefix(strings.TrimSpace(string(raw[:min(len(raw), 64)])), "{") {
		return &failure{err: ai.ErrResponse.Wrap(nil, "openai: stream: neither events nor JSON")}
	}
	done, err := s.client.completion(raw)
	if err != nil {
		return &failure{err: err}
	}
	s.delivered = true
	s.yield(ai.Chunk{
		Text: done.Message.Text(), Thinking: done.Thinking, ToolCalls: done.Message.ToolCalls,
		Model: done.Model, Finish: done.Finish, Usage: &done.Usage,
	}, nil)
	return nil
}
