package openai

import (
	"bytes"
	"encoding/json"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// What the API sends, streamed or not.
type (
	chatResponse struct {
		Model   string     `json:"model"`
		Choices []choice   `json:"choices"`
		Usage   *wireUsage `json:"usage"`
		Error   *apiError  `json:"error"`
	}
	choice struct {
		Message      answer `json:"message"`
		Delta        answer `json:"delta"`
		FinishReason string `json:"finish_reason"`
	}
	answer struct {
		Content   string         `json:"content"`
		Refusal   string         `json:"refusal"`
		Reasoning string         `json:"reasoning_content"` // of DeepSeek, vLLM and others
		ToolCalls []wireToolCall `json:"tool_calls"`
	}
	wireToolCall struct {
		Index    *int         `json:"index,omitempty"` // of a stream
		ID       string       `json:"id,omitempty"`
		Type     string       `json:"type,omitempty"`
		Function functionCall `json:"function"`
	}
	functionCall struct {
		Name      string `json:"name,omitempty"`
		Arguments string `json:"arguments"`
	}
	wireUsage struct {
		Input   int `json:"prompt_tokens"`
		Output  int `json:"completion_tokens"`
		Details struct {
			Cached int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	}
)

func (u *wireUsage) usage() ai.Usage {
	return ai.Usage{Input: u.Input, CachedInput: u.Details.Cached, Output: u.Output}
}

// call returns the tool call, or an error wrapping [ai.ErrResponse] if its
// arguments are not JSON.
func (w *wireToolCall) call() (ai.ToolCall, error) {
	args := bytes.TrimSpace([]byte(w.Function.Arguments))
	if len(args) == 0 {
		args = []byte("{}")
	}
	if !json.Valid(args) {
		return ai.ToolCall{}, ai.ErrResponse.Wrap(nil, "openai: arguments of tool %.70q are not JSON", w.Function.Name)
	}
	return ai.ToolCall{ID: w.ID, Name: w.Function.Name, Arguments: args}, nil
}

// finish returns the Finish that the API's reason stands for. Servers that say
// nothing have stopped.
func finish(reason string) ai.Finish {
	switch reason {
	case "":
		return ai.FinishStop
	case "function_call":
		return ai.FinishTools
	}
	return ai.Finish(reason)
}
