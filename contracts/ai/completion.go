package ai

import "encoding/json"

// A Completion is a model's answer.
type Completion struct {
	Message  Message // of the role [Assistant]
	Thinking string  // what the model thought, for people, if the provider tells
	Model    string
	Finish   Finish
	Usage    Usage
}

// A Finish says why a model stopped.
type Finish string

const (
	FinishStop   Finish = "stop"           // it was done, or met one of Request.Stop
	FinishLength Finish = "length"         // it met MaxTokens or the end of its context window
	FinishTools  Finish = "tool_calls"     // it wants the results of its tool calls
	FinishFilter Finish = "content_filter" // the provider held the rest back
)

// Usage counts tokens.
type Usage struct{ Input, CachedInput, Output int }

// A Chunk is a piece of a streamed answer.
type Chunk struct {
	Text           string
	Thinking       string
	ThinkingBlocks []json.RawMessage // complete ones only, for [Message].ThinkingBlocks
	ToolCalls      []ToolCall        // complete calls only
	Model          string            // at the latest on the last chunk, if the provider tells
	Finish         Finish            // set on the last chunk, even if its text is empty
	Usage          *Usage
}
