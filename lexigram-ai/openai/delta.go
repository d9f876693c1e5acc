package openai

import (
	"encoding/json"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// A delta is what one event adds to an answer.
type delta struct{ text, thinking, finish string }

// slow reads any event: tool calls, usage, errors, and what fast does not know.
func (s *stream) slow(data []byte, d *delta) *failure {
	var event chatResponse
	if err := json.Unmarshal(data, &event); err != nil {
		return &failure{err: ai.ErrResponse.Wrap(err, "openai: stream")}
	}
	if event.Error != nil {
		return &failure{err: s.client.apiError(event.Error, 0, "stream", ai.ErrStreamLost)}
	}
	if s.model == "" {
		s.model = event.Model
	}
	if event.Usage != nil {
		u := event.Usage.usage()
		s.usage = &u
	}
	*d = delta{}
	if len(event.Choices) == 0 {
		return nil
	}
	c := event.Choices[0]
	*d = delta{text: c.Delta.Content + c.Delta.Refusal, thinking: c.Delta.Reasoning, finish: c.FinishReason}
	for i, piece := range c.Delta.ToolCalls {
		if err := s.addCall(i, piece); err != nil {
			return &failure{err: err}
		}
	}
	return nil
}

// maxCalls bounds the tool calls of one answer.
const maxCalls = 1024

// addCall adds a piece of a tool call. Endpoints that leave the index out send
// whole calls.
func (s *stream) addCall(i int, piece wireToolCall) error {
	at := len(s.calls)
	if piece.Index != nil {
		at = *piece.Index
	}
	if at < 0 || at > len(s.calls) || at >= maxCalls {
		return ai.ErrResponse.Wrap(nil, "openai: stream: piece %d of a tool call has index %d after %d calls", i, at, len(s.calls))
	}
	if at == len(s.calls) {
		s.calls = append(s.calls, wireToolCall{})
	}
	call := &s.calls[at]
	if piece.ID != "" {
		call.ID = piece.ID
	}
	call.Function.Name += piece.Function.Name
	call.Function.Arguments += piece.Function.Arguments
	return nil
}
